// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "message/header.h"
#include "message/lines.h"
#include "unit/feed.h"

static const struct {
    struct span in;
    struct span header;
    struct span body; // what is left for lines_body
} messages[] = {
    {SPAN_INIT(""), SPAN_INIT(""), SPAN_INIT("")},
    {SPAN_INIT("\n"), SPAN_INIT(""), SPAN_INIT("")},
    {SPAN_INIT("\r\n"), SPAN_INIT(""), SPAN_INIT("")},
    {SPAN_INIT("\nTo: x\n"), SPAN_INIT(""), SPAN_INIT("To: x\n")},
    {SPAN_INIT("To: x\n\nhello\n"), SPAN_INIT("To: x\n"), SPAN_INIT("hello\n")},
    {SPAN_INIT("To: x\r\n\r\nhello\r\n"), SPAN_INIT("To: x\n"), SPAN_INIT("hello\n")},
    {SPAN_INIT("To: x\r\nCc: y\n\r\nhello\r\n"), SPAN_INIT("To: x\nCc: y\n"),
     SPAN_INIT("hello\n")},
    {SPAN_INIT("To: x\r\r\n\r\r\nhello\n"), SPAN_INIT("To: x\n"), SPAN_INIT("hello\n")},
    {SPAN_INIT("To: x\n\n\n\n"), SPAN_INIT("To: x\n"), SPAN_INIT("\n\n")},
    // no blank line, no body, no last line end
    {SPAN_INIT("To: x\n"), SPAN_INIT("To: x\n"), SPAN_INIT("")},
    {SPAN_INIT("To: x"), SPAN_INIT("To: x\n"), SPAN_INIT("")},
    {SPAN_INIT("To: x\r"), SPAN_INIT("To: x\n"), SPAN_INIT("")},
    {SPAN_INIT("To: x\n\n"), SPAN_INIT("To: x\n"), SPAN_INIT("")},
    {SPAN_INIT("To: x\nhello there\nSubject: y\n"), SPAN_INIT("To: x\n"),
     SPAN_INIT("hello there\nSubject: y\n")},
    // no header
    {SPAN_INIT("hello\n"), SPAN_INIT(""), SPAN_INIT("hello\n")},
    {SPAN_INIT("hello"), SPAN_INIT(""), SPAN_INIT("hello\n")},
    {SPAN_INIT("hello\rTo: x\n"), SPAN_INIT(""), SPAN_INIT("hello\nTo: x\n")},
    {SPAN_INIT(" To: x\n"), SPAN_INIT(""), SPAN_INIT(" To: x\n")},
    {SPAN_INIT(": x\n"), SPAN_INIT(""), SPAN_INIT(": x\n")},
    {SPAN_INIT("one two: x\n"), SPAN_INIT(""), SPAN_INIT("one two: x\n")},
    {SPAN_INIT("na\xc3\xafve: x\n"), SPAN_INIT(""), SPAN_INIT("na\xc3\xafve: x\n")},
    {SPAN_INIT("a\0b: x\n"), SPAN_INIT(""), SPAN_INIT("a\0b: x\n")},
    {SPAN_INIT("a\x7f: x\n"), SPAN_INIT(""), SPAN_INIT("a\x7f: x\n")},
    {SPAN_INIT(".\n"), SPAN_INIT(""), SPAN_INIT("")},
    {SPAN_INIT("To: x\n.\n"), SPAN_INIT("To: x\n"), SPAN_INIT("")},
    // fields as they may look
    {SPAN_INIT("To : x\nCc\t: y\n\nz\n"), SPAN_INIT("To : x\nCc\t: y\n"), SPAN_INIT("z\n")},
    {SPAN_INIT("To:\nX-Y_Z!:\n\n"), SPAN_INIT("To:\nX-Y_Z!:\n"), SPAN_INIT("")},
    {SPAN_INIT("A: b\n c\n\td\nE: f\n\n"), SPAN_INIT("A: b\n c\n\td\nE: f\n"), SPAN_INIT("")},
    {SPAN_INIT("A: b\n  \n c\n\nd"), SPAN_INIT("A: b\n  \n c\n"), SPAN_INIT("d\n")},
    {SPAN_INIT("A: b\rc\n"), SPAN_INIT("A: b c\n"), SPAN_INIT("")},
    {SPAN_INIT("A: b\rBcc: c\r\n\r\n"), SPAN_INIT("A: b Bcc: c\n"), SPAN_INIT("")},
    {SPAN_INIT("A: b\0c\n \0\n\n\0"), SPAN_INIT("A: b?c\n ?\n"), SPAN_INIT("\0\n")},
    {SPAN_INIT("A: \xff\xe4\n\n"), SPAN_INIT("A: \xff\xe4\n"), SPAN_INIT("")},
    // mbox
    {SPAN_INIT("From sam Sat Nov 22\nTo: x\n\ny\n"), SPAN_INIT("To: x\n"), SPAN_INIT("y\n")},
    {SPAN_INIT("From sam\r\n>From joe\r\nTo: x\r\n"), SPAN_INIT("To: x\n"), SPAN_INIT("")},
    {SPAN_INIT(">>From sam\n\ny\n"), SPAN_INIT(""), SPAN_INIT("y\n")},
    {SPAN_INIT("From sam"), SPAN_INIT(""), SPAN_INIT("")},
    {SPAN_INIT("From sam at 10:30:00\nhello\n"), SPAN_INIT(""), SPAN_INIT("hello\n")},
    {SPAN_INIT("From sam\n folded\n"), SPAN_INIT(""), SPAN_INIT(" folded\n")},
    {SPAN_INIT("From : sam\n\n"), SPAN_INIT("From : sam\n"), SPAN_INIT("")},
    {SPAN_INIT("From: sam\n\n"), SPAN_INIT("From: sam\n"), SPAN_INIT("")},
    {SPAN_INIT("To: x\nFrom sam\nCc: y\n"), SPAN_INIT("To: x\n"),
     SPAN_INIT("From sam\nCc: y\n")},
};

// Reads a header as injection does; what is said at its end, HEADER_MORE for the input's end.
static enum header_answer read_header(struct header *h, struct lines *l, struct span *input,
                                      size_t first, size_t step)
{
    for (;;) {
        struct span line;
        enum lines_answer got = lines_line(l, &line);
        if (got == LINES_END)
            return HEADER_MORE;
        if (got == LINES_MORE) {
            feed(l, input, first ? first : step);
            first = 0;
            continue;
        }
        enum header_answer answer = header_push(h, line);
        if (answer == HEADER_MORE || answer == HEADER_DONE)
            lines_took(l);
        if (answer != HEADER_MORE)
            return answer;
    }
}

static void check_message(size_t row, size_t first, size_t step)
{
    struct header h;
    struct lines l;
    struct buf body = BUF_INIT(1000);
    struct span input = messages[row].in;
    header_init(&h);
    lines_init(&l, LINES_DOT_LAST, false);
    (void)read_header(&h, &l, &input, first, step);
    for (;;) {
        struct span piece;
        enum lines_answer got = lines_body(&l, &piece);
        if (got == LINES_END)
            break;
        if (got == LINES_MORE)
            feed(&l, &input, step);
        else
            buf_put_span(&body, piece);
    }
    if (!span_equal(buf_span(&h.text), messages[row].header) ||
        !span_equal(buf_span(&body), messages[row].body))
        fail_msg("row %zu, split %zu/%zu: \"%s\" and \"%s\"", row, first, step,
                 buf_str(&h.text), buf_str(&body));
    buf_free(&body);
    lines_free(&l);
    header_free(&h);
}

static void header_and_body_are_parted(void **state)
{
    (void)state;
    for (size_t row = 0; row < sizeof messages / sizeof *messages; row++) {
        for (size_t first = 0; first <= messages[row].in.n; first++)
            check_message(row, first, SIZE_MAX);
        check_message(row, 1, 1);
        check_message(row, 2, 2);
    }
}

static void answers_are_given(void **state)
{
    struct header h;
    (void)state;
    header_init(&h);
    assert_int_equal(header_push(&h, SPAN("From sam\n")), HEADER_MORE);
    assert_int_equal(header_push(&h, SPAN("A: b\n")), HEADER_MORE);
    assert_int_equal(header_push(&h, SPAN(" c\n")), HEADER_MORE);
    assert_int_equal(header_push(&h, SPAN("hello\n")), HEADER_BODY);
    assert_int_equal(header_push(&h, SPAN("\r\n")), HEADER_DONE);
    assert_int_equal(header_push(&h, SPAN("\n")), HEADER_DONE);
    assert_string_equal(buf_str(&h.text), "A: b\n c\n");
    header_free(&h);
    header_free(&h);
    assert_int_equal(h.text.n, 0);
}

static void long_lines_come_in_pieces(void **state)
{
    enum { SIZE = 3 * LINES_ROOM };
    struct header h;
    struct lines l;
    char *in = malloc(SIZE);
    (void)state;
    memset(in, 'x', SIZE);
    memcpy(in, "From me\n>From ", 14);
    memcpy(in + 2 * LINES_ROOM, "\nTo: ", 5);
    struct span input = {in, SIZE};
    header_init(&h);
    lines_init(&l, LINES_DOT_KEEP, false);
    assert_int_equal(read_header(&h, &l, &input, 0, SIZE_MAX), HEADER_MORE);
    assert_int_equal(h.text.n, LINES_ROOM);
    assert_memory_equal(h.text.p, "To: xxx", 7);
    assert_int_equal(h.text.p[h.text.n - 1], '\n');
    lines_free(&l);
    header_free(&h);

    // Without a colon near its beginning the line is no field, however long it is.
    memset(in, 'x', SIZE);
    memcpy(in, "To: y\n", 6);
    in[SIZE - 1] = ':';
    input = (struct span){in, SIZE};
    lines_init(&l, LINES_DOT_KEEP, false);
    assert_int_equal(read_header(&h, &l, &input, 0, SIZE_MAX), HEADER_BODY);
    assert_string_equal(buf_str(&h.text), "To: y\n");
    lines_free(&l);
    header_free(&h);
    free(in);
}

static void header_has_an_end(void **state)
{
    struct header h;
    char line[1024];
    size_t lines = 0;
    (void)state;
    memset(line, 'x', sizeof line);
    line[1] = ':';
    line[sizeof line - 1] = '\n';
    header_init(&h);
    while (header_push(&h, (struct span){line, sizeof line}) == HEADER_MORE)
        lines++;
    assert_int_equal(lines, HEADER_MAX / sizeof line);
    assert_int_equal(header_push(&h, (struct span){line, sizeof line}), HEADER_LONG);
    header_free(&h);
}

static void fields_are_found(void **state)
{
    static const char text[] = "To: x\nsubject :a\n b\n\tc\nX:\nnonsense\n : y\nLast:z";
    static const struct {
        struct span raw, name, body;
    } want[] = {
        {SPAN_INIT("To: x\n"), SPAN_INIT("To"), SPAN_INIT(" x\n")},
        {SPAN_INIT("subject :a\n b\n\tc\n"), SPAN_INIT("subject"), SPAN_INIT("a\n b\n\tc\n")},
        {SPAN_INIT("X:\n"), SPAN_INIT("X"), SPAN_INIT("\n")},
        {SPAN_INIT("nonsense\n : y\n"), SPAN_INIT(""), SPAN_INIT(" y\n")},
        {SPAN_INIT("Last:z"), SPAN_INIT("Last"), SPAN_INIT("z")},
    };
    struct span rest = {text, sizeof text - 1};
    struct field f;
    (void)state;
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        assert_true(field_next(&rest, &f));
        assert_true(span_equal(f.raw, want[i].raw));
        assert_true(span_equal(f.name, want[i].name));
        assert_true(span_equal(f.body, want[i].body));
    }
    assert_false(field_next(&rest, &f));
    rest = (struct span){NULL, 0};
    assert_false(field_next(&rest, &f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_and_body_are_parted), cmocka_unit_test(answers_are_given),
        cmocka_unit_test(long_lines_come_in_pieces),  cmocka_unit_test(header_has_an_end),
        cmocka_unit_test(fields_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
