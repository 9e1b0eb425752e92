// SPDX-License-Identifier: ISC
// links: smtp
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/reply.h"

static const struct {
    const char *in;
    unsigned code;
    uint16_t status[3];
    const char *text;    // of the reply
    const char *outcome; // the text of its outcome
} valid[] = {
    {"220 mx.example ESMTP\r\n", 220, {0}, "mx.example ESMTP", "mx.example ESMTP"},
    {"250\r\n", 250, {0}, "", ""},
    {"250 \r\n", 250, {0}, "", ""},
    {"250-\r\n250\r\n", 250, {0}, "\n", ""},
    {"250 ok\n", 250, {0}, "ok", "ok"},
    {"250-one\n250-two\r\n250 three\n", 250, {0}, "one\ntwo\nthree", "one two three"},
    {"550 5.1.1 no such user\r\n", 550, {5, 1, 1}, "5.1.1 no such user", "no such user"},
    {"550-5.7.26 long\r\n550 5.7.26 story\r\n",
     550,
     {5, 7, 26},
     "5.7.26 long\n5.7.26 story",
     "long story"},
    {"550-look\r\n550 5.7.1 here\r\n", 550, {5, 7, 1}, "look\n5.7.1 here", "look here"},
    {"550 5.1.1\r\n", 550, {5, 1, 1}, "5.1.1", ""},
    {"450 5.1.1 class\r\n", 450, {0}, "5.1.1 class", "5.1.1 class"},
    {"550 5.1 short\r\n", 550, {0}, "5.1 short", "5.1 short"},
    {"550 5.1.1.1 long\r\n", 550, {0}, "5.1.1.1 long", "5.1.1.1 long"},
    {"550 5.1.1000 big\r\n", 550, {0}, "5.1.1000 big", "5.1.1000 big"},
    {"550 5.1.1: colon\r\n", 550, {0}, "5.1.1: colon", "5.1.1: colon"},
    {"421 4.7.0 \x1b[2J\a<\x7f>\tx\xff\xc2\x9b\xe2\x80\xae.\r\n",
     421,
     {4, 7, 0},
     "4.7.0 ?[2J?<?> x???.",
     "?[2J?<?> x???."},
    {"599 a\rb\r\n", 599, {0}, "a b", "a b"},
    {"250 caf\xc3\xa9\r\r\n", 250, {0}, "caf\xc3\xa9 ", "caf\xc3\xa9"},
};

static const char *const invalid[] = {
    "\r\n",
    "ok\r\n",
    "25\r\n",
    "25 ok\r\n",
    "2500 ok\r\n",
    "250_ok\r\n",
    "250\tok\r\n",
    " 250 ok\r\n",
    "199 no\r\n",
    "600 no\r\n",
    "000 no\r\n",
    "-50 no\r\n",
    "250-one\r\n251 two\r\n",
    "250-one\r\ntwo\r\n",
    "HTTP/1.0 400 Bad Request\r\n",
    "\xff\xff\xff\r\n",
};

static enum reply_result push_all(struct reply *r, const char *p, size_t n, size_t piece)
{
    enum reply_result result = REPLY_MORE;
    for (size_t i = 0; i < n && result == REPLY_MORE;) {
        size_t used, want = n - i < piece ? n - i : piece;
        result = reply_push(r, p + i, want, &used);
        assert_true(used <= want);
        if (result == REPLY_MORE)
            assert_int_equal(used, want);
        i += used;
        if (result == REPLY_DONE)
            assert_int_equal(i, n);
        assert_true(result != REPLY_MORE || reply_partial(r));
    }
    return result;
}

static void check(const struct reply *r, size_t c)
{
    struct outcome o = {.verdict = VERDICT_FAILED};
    assert_int_equal(r->code, valid[c].code);
    assert_memory_equal(r->status, valid[c].status, sizeof r->status);
    assert_string_equal(buf_str(&r->text), valid[c].text);
    assert_false(reply_partial(r));
    reply_outcome(r, &o);
    assert_int_equal(o.code, valid[c].code);
    assert_int_equal(o.status[0], valid[c].code / 100);
    assert_int_equal(o.status[1], valid[c].status[1]);
    assert_string_equal(o.text, valid[c].outcome);
}

// Each in pieces of every size, with the same reply read by a fresh and by a used parser.
static void test_valid(void **state)
{
    (void)state;
    struct reply used;
    reply_init(&used);
    for (size_t c = 0; c < sizeof valid / sizeof *valid; c++)
        for (size_t piece = 1; piece <= strlen(valid[c].in); piece++) {
            struct reply r;
            reply_init(&r);
            assert_int_equal(push_all(&r, valid[c].in, strlen(valid[c].in), piece), REPLY_DONE);
            check(&r, c);
            reply_free(&r);
            assert_int_equal(push_all(&used, valid[c].in, strlen(valid[c].in), piece),
                             REPLY_DONE);
            check(&used, c);
        }
    reply_free(&used);
}

static void test_split_everywhere(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof valid / sizeof *valid; c++)
        for (size_t at = 0, n = strlen(valid[c].in); at < n; at++) {
            struct reply r;
            size_t used;
            reply_init(&r);
            assert_int_equal(reply_push(&r, valid[c].in, at, &used), REPLY_MORE);
            assert_int_equal(used, at);
            assert_int_equal(reply_push(&r, valid[c].in + at, n - at, &used), REPLY_DONE);
            assert_int_equal(used, n - at);
            check(&r, c);
            reply_free(&r);
        }
}

static void test_invalid(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof invalid / sizeof *invalid; c++)
        for (size_t piece = 1; piece <= strlen(invalid[c]); piece++) {
            struct reply r;
            reply_init(&r);
            if (push_all(&r, invalid[c], strlen(invalid[c]), piece) != REPLY_BAD)
                fail_msg("case %zu was taken", c);
            reply_free(&r);
        }
}

static void test_stops_behind_the_reply(void **state)
{
    (void)state;
    static const char in[] = "250-a\r\n250 b\r\n354 c\r\n";
    struct reply r;
    size_t used;
    reply_init(&r);
    assert_int_equal(reply_push(&r, in, sizeof in - 1, &used), REPLY_DONE);
    assert_int_equal(used, 14);
    assert_int_equal(reply_push(&r, in + used, sizeof in - 1 - used, &used), REPLY_DONE);
    assert_int_equal(r.code, 354);
    assert_string_equal(buf_str(&r.text), "c");
    reply_free(&r);
}

static void test_limits(void **state)
{
    (void)state;
    static char line[REPLY_LINE_MAX + 2];
    struct reply r;
    size_t used;
    memset(line, 'x', sizeof line);
    memcpy(line, "334 ", 4);

    reply_init(&r);
    line[REPLY_LINE_MAX] = '\n';
    assert_int_equal(reply_push(&r, line, REPLY_LINE_MAX + 1, &used), REPLY_DONE);
    assert_int_equal(r.text.n, REPLY_LINE_MAX - 4);
    line[REPLY_LINE_MAX] = 'x';
    assert_int_equal(reply_push(&r, line, REPLY_LINE_MAX + 1, &used), REPLY_BAD);
    reply_free(&r);

    reply_init(&r);
    for (int i = 0; i < REPLY_LINES_MAX; i++)
        assert_int_equal(reply_push(&r, "250-\n", 5, &used), REPLY_MORE);
    assert_int_equal(reply_push(&r, "250 \n", 5, &used), REPLY_BAD);
    reply_free(&r);

    reply_init(&r);
    memcpy(line, "250-", 4);
    line[REPLY_LINE_MAX] = '\n';
    assert_int_equal(reply_push(&r, line, REPLY_LINE_MAX + 1, &used), REPLY_MORE);
    assert_int_equal(reply_push(&r, line, REPLY_LINE_MAX + 1, &used), REPLY_MORE);
    assert_int_equal(reply_push(&r, line, REPLY_LINE_MAX + 1, &used), REPLY_BAD);
    reply_free(&r);
}

static void test_long_words(void **state)
{
    (void)state;
    struct reply r;
    struct outcome o = {0};
    size_t used;
    reply_init(&r);
    for (int i = 0; i < 100; i++)
        assert_int_equal(reply_push(&r, "550-word\n", 9, &used), REPLY_MORE);
    assert_int_equal(reply_push(&r, "550 end\n", 8, &used), REPLY_DONE);
    reply_outcome(&r, &o);
    assert_true(strlen(o.text) <= OUTCOME_TEXT_MAX);
    assert_memory_equal(o.text, "word word word", 14);
    reply_free(&r);
    reply_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid),   cmocka_unit_test(test_split_everywhere),
        cmocka_unit_test(test_invalid), cmocka_unit_test(test_stops_behind_the_reply),
        cmocka_unit_test(test_limits),  cmocka_unit_test(test_long_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
