// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "message/envelope.h"

static void test_empty(void **state)
{
    (void)state;
    struct envelope e;
    envelope_init(&e);
    assert_string_equal(envelope_sender(&e), "");
    assert_string_equal(envelope_options(&e), "");
    assert_int_equal(envelope_count(&e), 0);
    assert_int_equal(envelope_waiting(&e), 0);
    envelope_free(&e);
}

static void test_fill(void **state)
{
    (void)state;
    struct envelope e;
    envelope_init(&e);
    assert_true(envelope_set_sender(&e, SPAN("root@example.org")));
    assert_true(envelope_set_options(&e, SPAN("RET=HDRS")));
    assert_true(envelope_add(&e, SPAN("ops@example.org"), SPAN("NOTIFY=NEVER")));
    assert_true(envelope_add(&e,
                             SPAN("gr\xc3\xbc\xc3\x9f"
                                  "e@example.org"),
                             SPAN("")));
    assert_string_equal(envelope_sender(&e), "root@example.org");
    assert_string_equal(envelope_options(&e), "RET=HDRS");
    assert_int_equal(envelope_count(&e), 2);
    assert_string_equal(envelope_address(&e, 0), "ops@example.org");
    assert_string_equal(envelope_recipient_options(&e, 0), "NOTIFY=NEVER");
    assert_string_equal(envelope_recipient_options(&e, 1), "");
    envelope_recipient(&e, 0)->status = RECIPIENT_DELIVERED;
    assert_int_equal(envelope_waiting(&e), 1);
    // The null sender again.
    assert_true(envelope_set_sender(&e, SPAN("")));
    assert_string_equal(envelope_sender(&e), "");
    envelope_free(&e);
    envelope_free(&e);
}

// No octet that could begin another line or end a string comes in, wherever it stands.
static void test_hostile_octets(void **state)
{
    (void)state;
    struct envelope e;
    envelope_init(&e);
    assert_true(envelope_set_sender(&e, SPAN("kept@example.org")));
    assert_true(envelope_set_options(&e, SPAN("RET=FULL")));
    for (int i = 0; i < 256; i++) {
        bool sound = i >= 32 && i != 127;
        for (size_t at = 0; at < 3; at++) {
            char text[] = "abc";
            text[at] = (char)i;
            struct span s = {text, 3};
            if (sound)
                continue;
            assert_false(envelope_set_sender(&e, s));
            assert_false(envelope_set_options(&e, s));
            assert_false(envelope_add(&e, s, SPAN("")));
            assert_false(envelope_add(&e, SPAN("a@example.org"), s));
        }
    }
    assert_string_equal(envelope_sender(&e), "kept@example.org");
    assert_string_equal(envelope_options(&e), "RET=FULL");
    assert_int_equal(envelope_count(&e), 0);
    envelope_free(&e);
}

static void test_lengths(void **state)
{
    (void)state;
    static char text[ENVELOPE_ADDRESS_MAX + 1];
    memset(text, 'x', sizeof text);
    struct envelope e;
    envelope_init(&e);
    struct span longest = {text, ENVELOPE_ADDRESS_MAX}, longer = {text, sizeof text};
    assert_true(envelope_set_sender(&e, longest));
    assert_false(envelope_set_sender(&e, longer));
    assert_int_equal(strlen(envelope_sender(&e)), ENVELOPE_ADDRESS_MAX);
    assert_true(envelope_add(&e, longest, (struct span){text, ENVELOPE_OPTIONS_MAX}));
    assert_false(envelope_add(&e, longer, SPAN("")));
    assert_false(envelope_add(&e, SPAN("a"), (struct span){text, ENVELOPE_OPTIONS_MAX + 1}));
    assert_int_equal(envelope_count(&e), 1);
    envelope_free(&e);
}

// The same mailbox counts once: the domain in any case, the local part as it stands.
static void test_same_mailbox(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } table[] = {
        {"a@example.org", "a@example.org", true},
        {"a@example.org", "a@EXAMPLE.Org", true},
        {"a@example.org", "A@example.org", false},
        {"a@example.org", "a@example.org.", false},
        {"a@example.org", "a@example.com", false},
        {"root", "root", true},
        {"root", "Root", false},
        {"root", "root@example.org", false},
        {"\"a@B\"@example.org", "\"a@B\"@Example.org", true},
        {"\"a@B\"@example.org", "\"a@b\"@example.org", false},
        {"a@\xc3\xa4.example", "a@\xc3\x84.example", false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct envelope e;
        envelope_init(&e);
        assert_true(envelope_add(&e, span_of(table[i].a), SPAN("NOTIFY=NEVER")));
        assert_true(envelope_add(&e, span_of(table[i].b), SPAN("NOTIFY=DELAY")));
        if ((envelope_count(&e) == 1) != table[i].same)
            fail_msg("row %zu: %s", i, table[i].a);
        assert_string_equal(envelope_address(&e, 0), table[i].a);
        assert_string_equal(envelope_recipient_options(&e, 0), "NOTIFY=NEVER");
        envelope_free(&e);
    }
}

static struct span name(char *room, size_t size, unsigned i)
{
    return (struct span){room, (size_t)snprintf(room, size, "user%u@example.org", i)};
}

static void test_as_many_as_there_may_be(void **state)
{
    (void)state;
    char text[64];
    struct envelope e;
    envelope_init(&e);
    for (unsigned i = 0; i < ENVELOPE_RECIPIENTS_MAX; i++)
        assert_true(envelope_add(&e, name(text, sizeof text, i), SPAN("")));
    assert_false(envelope_add(&e, SPAN("one.too.many@example.org"), SPAN("")));
    assert_int_equal(envelope_count(&e), ENVELOPE_RECIPIENTS_MAX);
    for (unsigned i = 0; i < ENVELOPE_RECIPIENTS_MAX; i += 97) {
        name(text, sizeof text, i);
        assert_string_equal(envelope_address(&e, i), text);
    }
    assert_int_equal(envelope_waiting(&e), ENVELOPE_RECIPIENTS_MAX);
    envelope_free(&e);
}

static void test_each_again_is_none_more(void **state)
{
    (void)state;
    char text[64];
    struct envelope e;
    envelope_init(&e);
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 0; i < 5000; i++)
            assert_true(envelope_add(&e, name(text, sizeof text, i), SPAN("")));
    assert_int_equal(envelope_count(&e), 5000);
    envelope_free(&e);
}

// Mailboxes that differ in case alone do not all meet in one place of the table: that would
// take the square of their number, and a user can write such a list.
static void test_many_of_one_spelling(void **state)
{
    (void)state;
    char text[] = "abcdefghijklmnop@example.org";
    struct envelope e;
    envelope_init(&e);
    for (unsigned i = 0; i < ENVELOPE_RECIPIENTS_MAX; i++) {
        for (unsigned bit = 0; bit < 16; bit++)
            text[bit] = (char)((i >> bit & 1 ? 'A' : 'a') + (char)bit);
        assert_true(envelope_add(&e, span_of(text), SPAN("")));
    }
    assert_int_equal(envelope_count(&e), ENVELOPE_RECIPIENTS_MAX);
    envelope_free(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_fill),
        cmocka_unit_test(test_hostile_octets),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_same_mailbox),
        cmocka_unit_test(test_as_many_as_there_may_be),
        cmocka_unit_test(test_each_again_is_none_more),
        cmocka_unit_test(test_many_of_one_spelling),
    };
    return cmocka_run_group_tests_name("envelope", tests, NULL, NULL);
}
