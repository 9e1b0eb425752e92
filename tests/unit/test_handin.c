// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "message/handin.h"

#define TICKET "0123456789abcdef0123456789abcdef"
#define HELLO  "sendoff-handin 1 store " TICKET "\n"
#define ASK    "sendoff-handin 1 ask " TICKET "\n"

// What came of some text: S store, A ask, E end, B bad (once), and the data as they are.
static void play(struct handin *h, struct span in, struct buf *out, bool *bad)
{
    static const char letters[] = {
        [HANDIN_STORE] = 'S', [HANDIN_ASK] = 'A', [HANDIN_END] = 'E'};
    struct span data;
    while (!*bad) {
        enum handin_event event = handin_next(h, &in, &data);
        if (event == HANDIN_MORE)
            return;
        *bad = event == HANDIN_BAD;
        if (event == HANDIN_DATA)
            buf_put_span(out, data);
        else
            buf_putc(out, *bad ? 'B' : letters[event]);
    }
}

static void assert_played(const char *text, const char *want)
{
    struct span all = span_of(text);
    for (size_t at = 0; at <= all.n; at++) {
        struct handin h;
        struct buf out = BUF_INIT(100000);
        bool bad = false;
        handin_init(&h);
        play(&h, (struct span){text, at}, &out, &bad);
        play(&h, (struct span){text + at, all.n - at}, &out, &bad);
        assert_string_equal(buf_str(&out), want);
        buf_free(&out);
    }
    struct handin h;
    struct buf out = BUF_INIT(100000);
    bool bad = false;
    handin_init(&h);
    for (size_t at = 0; at < all.n; at++) {
        char one = text[at]; // a byte of its own: what stands behind it is nobody's
        play(&h, (struct span){&one, 1}, &out, &bad);
    }
    assert_string_equal(buf_str(&out), want);
    buf_free(&out);
}

static void test_dialogues(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"", ""},
        {HELLO, "S"},
        {ASK, "A"},
        {HELLO "data 5\nhello", "Shello"},
        {HELLO "data 5\nhellodata 3\n\n\n\nend 8\n", "Shello\n\n\nE"},
        {HELLO "data 6\nend 0\nend 6\n", "Send 0\nE"},
        {HELLO "end 0\n", "SE"},
        // not ours
        {"GET / HTTP/1.0\n", "B"},
        {"\n", "B"},
        {"sendoff-handin 2 store " TICKET "\n", "B"},
        {"sendoff-handin 1 store\n", "B"},
        {"sendoff-handin 1 store " TICKET " \n", "B"},
        {"sendoff-handin 1 store " TICKET "\r\n", "B"},
        {"sendoff-handin 1 store  " TICKET "\n", "B"},
        {"sendoff-handin 1 forget " TICKET "\n", "B"},
        {"sendoff-handin 1 store 0123456789ABCDEF0123456789ABCDEF\n", "B"},
        {"sendoff-handin 1 store 0123456789abcdef\n", "B"},
        {"sendoff-handin 1 store ../../../../../../../../etc/pass\n", "B"},
        // more than was said, less, or other
        {ASK "data 5\n", "AB"},
        {ASK ASK, "AB"},
        {HELLO HELLO, "SB"},
        {HELLO "data 0\n", "SB"},
        {HELLO "data 65537\n", "SB"},
        {HELLO "data -1\n", "SB"},
        {HELLO "data 5 \n", "SB"},
        {HELLO "data\n", "SB"},
        {HELLO "data 99999999999999999999\n", "SB"},
        {HELLO "data 5\nhelloend 4\n", "ShelloB"},
        {HELLO "data 5\nhelloend 6\n", "ShelloB"},
        {HELLO "data 5\nhelloend 5\n\n", "ShelloEB"},
        {HELLO "data 5\nhelloend 5\ndata 1\nx", "ShelloEB"},
        {HELLO "end 18446744073709551616\n", "SB"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_played(cases[i].text, cases[i].want);
}

static void test_line_without_end(void **state)
{
    (void)state;
    char text[HANDIN_LINE_MAX + 2];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_played(text, "B");
    text[HANDIN_LINE_MAX] = '\0';
    assert_played(text, "");
}

static void test_largest_piece(void **state)
{
    (void)state;
    struct handin h;
    struct buf in = BUF_INIT(200000);
    struct buf out = BUF_INIT(200000);
    bool bad = false;
    handin_init(&h);
    handin_put_store(&in, TICKET);
    handin_put_data(&in, HANDIN_PIECE);
    char *room = buf_room(&in, HANDIN_PIECE);
    memset(room, '\n', HANDIN_PIECE);
    buf_grew(&in, HANDIN_PIECE);
    handin_put_end(&in, HANDIN_PIECE);
    play(&h, buf_span(&in), &out, &bad);
    assert_false(bad);
    assert_int_equal(out.n, HANDIN_PIECE + 2);
    assert_int_equal(h.octets, HANDIN_PIECE);
    assert_string_equal(h.ticket, TICKET);
    buf_free(&in);
    buf_free(&out);
}

static void test_tickets(void **state)
{
    (void)state;
    unsigned char random[HANDIN_TICKET / 2];
    char ticket[HANDIN_TICKET + 1];
    for (size_t i = 0; i < sizeof random; i++)
        random[i] = (unsigned char)(17 * i);
    handin_make_ticket(random, ticket);
    assert_string_equal(ticket, "00112233445566778899aabbccddeeff");
    assert_true(handin_is_ticket(span_of(ticket)));
    assert_false(handin_is_ticket(SPAN("")));
    assert_false(handin_is_ticket((struct span){"0123456789abcdef0123456789abcde\0", 32}));
    assert_false(handin_is_ticket(SPAN("0123456789abcdef0123456789abcde.")));
    assert_false(handin_is_ticket(SPAN(TICKET "0")));
}

static void test_answers(void **state)
{
    (void)state;
    static const struct {
        struct handin_answer answer;
        const char *line;
    } cases[] = {
        {{.verdict = HANDIN_READY}, "ready\n"},
        {{.verdict = HANDIN_BUSY}, "busy\n"},
        {{.verdict = HANDIN_UNKNOWN}, "unknown\n"},
        {{.verdict = HANDIN_STORED, .id = "660DE1B63B3D5C00A2"}, "stored 660DE1B63B3D5C00A2\n"},
        {{.verdict = HANDIN_REFUSED, .status = 75, .text = "No space left on device"},
         "refused 75 No space left on device\n"},
        {{.verdict = HANDIN_REFUSED, .status = 65}, "refused 65 \n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = BUF_INIT(HANDIN_ANSWER_MAX);
        struct handin_answer a;
        handin_put_answer(&out, &cases[i].answer);
        assert_string_equal(buf_str(&out), cases[i].line);
        assert_true(handin_parse_answer(&a, (struct span){out.p, out.n - 1}));
        assert_int_equal(a.verdict, cases[i].answer.verdict);
        assert_int_equal(a.status, cases[i].answer.status);
        assert_string_equal(a.id, cases[i].answer.id);
        assert_string_equal(a.text, cases[i].answer.text);
        buf_free(&out);
    }
}

static void test_answers_that_are_none(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "",
        "ready ",
        "ready now",
        "READY",
        "stored",
        "stored ",
        "stored 660DE1",
        "stored 660de1b63b3d5c00a2",
        "unknown x",
        "busy 1",
        "stored 660DE1B63B3D5C00A2660DE1B63B3D5C00A2",
        "stored 660DE1B63B3D5C00A2 ",
        "refused",
        "refused 75",
        "refused x no",
        "refused 0 no",
        "refused 79 no",
        "refused -1 no",
        "250 ok",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct handin_answer a;
        bool good = handin_parse_answer(&a, span_of(lines[i]));
        // A reason may be empty.
        assert_int_equal(good, strcmp(lines[i], "refused 75") == 0);
    }
}

// Neither end can make a line of the other's out of a reason.
static void test_reasons_are_clean(void **state)
{
    (void)state;
    struct handin_answer a = {
        .verdict = HANDIN_REFUSED, .status = 65, .text = "a\nstored\x1b[2J"};
    struct buf out = BUF_INIT(HANDIN_ANSWER_MAX);
    handin_put_answer(&out, &a);
    assert_string_equal(buf_str(&out), "refused 65 a stored?[2J\n");
    assert_true(handin_parse_answer(&a, SPAN("refused 65 a\x1b[2J")));
    assert_string_equal(a.text, "a?[2J");
    char line[1000];
    memset(line, 'x', sizeof line);
    memcpy(line, "refused 75 ", 11);
    assert_true(handin_parse_answer(&a, (struct span){line, sizeof line}));
    assert_int_equal(strlen(a.text), HANDIN_TEXT_MAX);
    buf_clear(&out);
    handin_put_answer(&out, &a);
    assert_false(out.over);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dialogues),         cmocka_unit_test(test_line_without_end),
        cmocka_unit_test(test_largest_piece),     cmocka_unit_test(test_tickets),
        cmocka_unit_test(test_answers),           cmocka_unit_test(test_answers_that_are_none),
        cmocka_unit_test(test_reasons_are_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
