// SPDX-License-Identifier: ISC
// links: sendoff
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "sendoff/drop/dropbook.h"
#include "unit/mail.h"

#define ONE "00000000000000000000000000000001"
#define TWO "00000000000000000000000000000002"

static struct dropbook book;

static void open_book(int64_t now)
{
    assert_int_equal(dropbook_init(&book, &mail, clock_wall(), now), 0);
}

// A message of that user, in new/ or cur/, with a queue id that is `age` seconds old.
static void put(const char *place, int64_t age, unsigned uid, const char *rest)
{
    char name[200];
    snprintf(name, sizeof name, "%s/%013llX00000.%u.%s", place,
             (unsigned long long)(clock_wall() - age * 1000000), uid, rest);
    assert_int_equal(mail_write(name, 1, "x\n"), 0);
}

static void a_stored_message_is_known(void **state)
{
    (void)state;
    open_book(0);
    assert_null(dropbook_find(&book, 33, ONE));
    dropbook_note(&book, 33, ONE, "660DE1B63B3D5C00A2", 5);
    dropbook_note(&book, 34, TWO, "660DE1B63B3D5C00A3", 6);
    assert_string_equal(dropbook_find(&book, 33, ONE), "660DE1B63B3D5C00A2");
    assert_string_equal(dropbook_find(&book, 34, TWO), "660DE1B63B3D5C00A3");
    assert_null(dropbook_find(&book, 33, TWO)); // somebody else's
    dropbook_free(&book);
}

static void an_earlier_drop_is_believed(void **state)
{
    (void)state;
    put("new", 3, 33, ONE);
    put("cur", 3, 34, TWO ":2,S");
    open_book(0);
    assert_non_null(dropbook_find(&book, 33, ONE));
    assert_non_null(dropbook_find(&book, 34, TWO));
    assert_int_equal(strlen(dropbook_find(&book, 34, TWO)), 18);
    dropbook_free(&book);
}

static void what_is_old_is_forgotten(void **state)
{
    (void)state;
    put("new", 3600, 33, ONE);
    open_book(0);
    assert_null(dropbook_find(&book, 33, ONE));
    assert_int_equal(dropbook_waiting(&book, 33, 0), 1);
    dropbook_note(&book, 33, TWO, "660DE1B63B3D5C00A2", 0);
    dropbook_note(&book, 33, ONE, "660DE1B63B3D5C00A3", DROPBOOK_MEMORY + 1);
    assert_null(dropbook_find(&book, 33, TWO));
    assert_non_null(dropbook_find(&book, 33, ONE));
    dropbook_free(&book);
}

static void of_too_many_the_eldest_go(void **state)
{
    (void)state;
    char ticket[HANDIN_TICKET + 1];
    open_book(0);
    for (unsigned i = 0; i <= 2 * DROPBOOK_TICKETS; i++) {
        snprintf(ticket, sizeof ticket, "%032x", i);
        dropbook_note(&book, 33, ticket, "660DE1B63B3D5C00A2", 1);
    }
    assert_non_null(dropbook_find(&book, 33, ticket));
    assert_null(dropbook_find(&book, 33, "00000000000000000000000000000000"));
    assert_false(book.tickets.over);
    dropbook_free(&book);
}

static void names_that_are_none(void **state)
{
    (void)state;
    static const char *const rests[] = {
        ONE ".x", "0", "x." ONE, "ABCDEF00000000000000000000000001", ONE ONE, "-1." ONE};
    for (size_t i = 0; i < sizeof rests / sizeof *rests; i++)
        put("new", 1, 33, rests[i]);
    assert_int_equal(mail_write("new/660DE1B63B3D5C00A2", 1, "x\n"), 0);
    assert_int_equal(mail_write("new/660DE1B63B3D5C00A2.99999999999." ONE, 1, "x\n"), 0);
    open_book(0);
    assert_int_equal(book.tickets.n, 0);
    assert_int_equal(dropbook_waiting(&book, 33, 0), 0);
    dropbook_free(&book);
}

static void each_user_is_counted(void **state)
{
    (void)state;
    put("new", 1, 33, ONE);
    put("cur", 1, 33, TWO ":2,");
    put("new", 1, 34, TWO);
    open_book(0);
    assert_int_equal(dropbook_waiting(&book, 33, 0), 2);
    assert_int_equal(dropbook_waiting(&book, 34, 0), 1);
    assert_int_equal(dropbook_waiting(&book, 0, 0), 0);
    dropbook_note(&book, 33, ONE, "660DE1B63B3D5C00A2", 0);
    assert_int_equal(dropbook_waiting(&book, 33, DROPBOOK_FRESH - 1), 3);
    // The spool is what counts, once it is looked at again.
    assert_int_equal(dropbook_waiting(&book, 33, DROPBOOK_FRESH), 2);
    dropbook_free(&book);
}

static void tags(void **state)
{
    (void)state;
    char tag[DROPBOOK_TAG_MAX];
    dropbook_tag(tag, 4294967294U, ONE);
    assert_string_equal(tag, "4294967294." ONE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, mail_setup, mail_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_stored_message_is_known),
        TEST(an_earlier_drop_is_believed),
        TEST(what_is_old_is_forgotten),
        TEST(of_too_many_the_eldest_go),
        TEST(names_that_are_none),
        TEST(each_user_is_counted),
        TEST(tags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
