// SPDX-License-Identifier: ISC
// links: sendoff
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "sendoff/check/causes.h"

static struct causes causes;

// `times` messages in that state, tried so often, with that reason.
static void add(enum listed_state state, unsigned attempts, const char *reason, int times)
{
    struct entry entry = {.block = {.attempts = attempts}};
    struct listed one = {.entry = &entry, .state = state, .reason = reason};
    for (int i = 0; i < times; i++)
        causes_add(&causes, &one);
}

static void expect(size_t i, const char *text, const char *advice)
{
    struct buf out = BUF_INIT(1024);
    causes_put(&out, &causes.cause[i]);
    assert_string_equal(buf_str(&out), text);
    assert_true(strstr(causes_advice(&causes.cause[i]), advice) != NULL);
    assert_int_equal(!*advice, !*causes_advice(&causes.cause[i]));
    buf_free(&out);
}

static void test_each_once(void **state)
{
    (void)state;
    causes = (struct causes){0};
    add(LISTED_WAITING, 1, "451 4.7.1 greylisted", 2);
    add(LISTED_FAILED, 1, "550 5.1.1 no such user", 1);
    add(LISTED_WAITING, 3, "452 4.2.2 full\x1b[2J", 4);
    add(LISTED_WAITING, 0, "", 3);
    add(LISTED_WAITING, 1, "451 4.7.1 greylisted", 3);
    add(LISTED_CLAIMED, 1, "451 4.7.1 greylisted", 9);
    assert_int_equal(causes_sort(&causes), 4);
    expect(0, "5 waiting: 451 4.7.1 greylisted", "");
    expect(1, "4 waiting: 452 4.2.2 full?[2J", "");
    expect(2, "3 waiting: not tried yet", "");
    expect(3, "1 failed: 550 5.1.1 no such user", "sendoff queue retry");
    assert_int_equal(causes.others, 0);
}

// What is held has one reason, whatever became of it before.
static void test_held(void **state)
{
    (void)state;
    causes = (struct causes){0};
    add(LISTED_HELD, 0, "", 1);
    add(LISTED_HELD, 2, "451 4.7.1 greylisted", 1);
    assert_int_equal(causes_sort(&causes), 1);
    assert_int_equal(causes.cause[0].messages, 2);
    expect(0, "", "sendoff queue release");
}

// Of what waits for its account the account tells.
static void test_resting(void **state)
{
    (void)state;
    struct entry entry = {.block = {.attempts = 1}};
    struct listed one = {
        .entry = &entry, .state = LISTED_WAITING, .rests = true, .reason = "refused"};
    causes = (struct causes){0};
    causes_add(&causes, &one);
    assert_int_equal(causes_sort(&causes), 0);
    assert_int_equal(causes.others, 0);
}

static void test_many(void **state)
{
    (void)state;
    char reason[32];
    causes = (struct causes){0};
    for (int i = 0; i < 40; i++) {
        snprintf(reason, sizeof reason, "reason %d", i);
        add(LISTED_WAITING, 1, reason, i < CAUSES_MOST ? i + 1 : 1);
    }
    assert_int_equal(causes_sort(&causes), CAUSES_SHOWN);
    expect(0, "16 waiting: reason 15", "");
    uint64_t shown = 0;
    for (size_t i = 0; i < causes.n; i++)
        shown += causes.cause[i].messages;
    assert_int_equal(shown + causes.others, 16 * 17 / 2 + 24);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_once),
        cmocka_unit_test(test_held),
        cmocka_unit_test(test_resting),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests_name("causes", tests, NULL, NULL);
}
