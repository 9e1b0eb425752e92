// SPDX-License-Identifier: ISC
// links: sendoff
// Rules are written as letter, perhaps "!" before it, and text: "I12 !Sbob".
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "sendoff/spools/select.h"

static const struct {
    const char *rules, *id;
    bool want;
} ids[] = {
    {"", "AB12", true},          {"IAB", "AB12", true},         {"Iab", "AB12", true},
    {"IB1", "AB12", false},      {"IAB123", "AB12", false},     {"IAC IAB", "AB12", true},
    {"!IAB", "AB12", false},     {"!IAC", "AB12", true},        {"IAB !IAB1", "AB12", false},
    {"IAB !IAB2", "AB12", true}, {"Sbob Rcarol", "AB12", true},
};

static const struct {
    const char *rules, *sender, *recipients; // "D:" in front of one who has got it
    bool want;
} envelopes[] = {
    {"", "", "a@x", true},
    {"I99", "s@x", "a@x", true}, // ids are asked for elsewhere
    {"Sbob", "bob@x", "a@x", true},
    {"SBOB", "bob@x", "a@x", true},
    {"Sbob", "al@x", "bob@x", false},
    {"!Sbob", "bob@x", "a@x", false},
    {"!Sbob", "", "a@x", true},
    {"R@x", "bob@y", "a@z b@x", true},
    {"R@w", "bob@y", "a@z b@x", false},
    {"R@w R@z", "bob@y", "a@z b@x", true},
    {"!R@x", "bob@y", "a@z b@x", false},
    {"Ra@", "bob@y", "D:a@z b@x", false},
    {"Sbob Rb@", "bob@y", "b@x", true},
    {"Sbob Rb@", "al@y", "b@x", false},
    {"Sbob !Rb@", "bob@y", "b@x", false},
};

enum { TEXT_MAX = 1000 };

// The words of the rules are kept in *text.
static void choose(struct select *s, struct buf *text, const char *rules)
{
    struct span rest = span_of(rules), word;
    select_init(s);
    assert_non_null(buf_room(text, TEXT_MAX - 1)); // it must not move
    while (span_word(&rest, &word)) {
        bool negated = word.p[0] == '!';
        char letter = word.p[negated];
        size_t at = text->n;
        buf_put(text, word.p + negated + 1, word.n - negated - 1);
        buf_putc(text, '\0');
        assert_true(text->n < TEXT_MAX);
        select_add(s,
                   letter == 'I'   ? SELECT_ID
                   : letter == 'S' ? SELECT_SENDER
                                   : SELECT_RECIPIENT,
                   negated, text->p + at);
    }
}

static void test_ids(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        struct select s;
        struct buf text = BUF_INIT(TEXT_MAX);
        choose(&s, &text, ids[i].rules);
        if (select_takes_id(&s, span_of(ids[i].id)) != ids[i].want)
            fail_msg("%s, %s", ids[i].rules, ids[i].id);
        select_free(&s);
        buf_free(&text);
    }
}

static void test_envelopes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof envelopes / sizeof *envelopes; i++) {
        struct select s;
        struct envelope e;
        struct buf text = BUF_INIT(TEXT_MAX);
        struct span rest = span_of(envelopes[i].recipients), word;
        envelope_init(&e);
        assert_true(envelope_set_sender(&e, span_of(envelopes[i].sender)));
        while (span_word(&rest, &word)) {
            bool done = span_starts_nocase(word, SPAN("D:"));
            if (done)
                word = (struct span){word.p + 2, word.n - 2};
            assert_true(envelope_add(&e, word, SPAN("")));
            if (done)
                envelope_recipient(&e, envelope_count(&e) - 1)->status = RECIPIENT_DELIVERED;
        }
        choose(&s, &text, envelopes[i].rules);
        if (select_takes_envelope(&s, &e) != envelopes[i].want)
            fail_msg("%s, %s -> %s", envelopes[i].rules, envelopes[i].sender,
                     envelopes[i].recipients);
        select_free(&s);
        envelope_free(&e);
        buf_free(&text);
    }
}

static void test_held(void **state)
{
    (void)state;
    struct select s;
    select_init(&s);
    assert_true(select_takes_held(&s, false));
    assert_false(select_takes_held(&s, true));
    s.held = true;
    assert_true(select_takes_held(&s, false));
    assert_true(select_takes_held(&s, true));
    s.only_held = true;
    assert_false(select_takes_held(&s, false));
    assert_true(select_takes_held(&s, true));
    select_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_envelopes),
        cmocka_unit_test(test_held),
    };
    return cmocka_run_group_tests_name("select", tests, NULL, NULL);
}
