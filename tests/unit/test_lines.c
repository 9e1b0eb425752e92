// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "message/lines.h"
#include "unit/feed.h"

// The body of `input`, read in two parts that meet at `first`, in pieces of `step` octets.
static void read_body(struct lines *l, struct buf *out, struct span input, size_t first,
                      size_t step)
{
    for (;;) {
        struct span piece;
        switch (lines_body(l, &piece)) {
        case LINES_TEXT:
            assert_true(piece.n > 0);
            buf_put_span(out, piece);
            break;
        case LINES_MORE:
            feed(l, &input, first ? first : step);
            first = 0;
            break;
        case LINES_END: return;
        }
    }
}

static const struct {
    enum lines_dot dot;
    bool unstuff;
    struct span in, out;
} bodies[] = {
    // line ends
    {LINES_DOT_KEEP, false, SPAN_INIT(""), SPAN_INIT("")},
    {LINES_DOT_KEEP, false, SPAN_INIT("\n"), SPAN_INIT("\n")},
    {LINES_DOT_KEEP, false, SPAN_INIT("\r\n"), SPAN_INIT("\n")},
    {LINES_DOT_KEEP, false, SPAN_INIT("\r"), SPAN_INIT("\n")},
    {LINES_DOT_KEEP, false, SPAN_INIT("a"), SPAN_INIT("a\n")},
    {LINES_DOT_KEEP, false, SPAN_INIT("a\nb\n"), SPAN_INIT("a\nb\n")},
    {LINES_DOT_KEEP, false, SPAN_INIT("a\r\nb\r\n"), SPAN_INIT("a\nb\n")},
    {LINES_DOT_KEEP, false, SPAN_INIT("a\nb\r\nc\rd"), SPAN_INIT("a\nb\nc\nd\n")},
    {LINES_DOT_KEEP, false, SPAN_INIT("a\r"), SPAN_INIT("a\n")},
    {LINES_DOT_KEEP, false, SPAN_INIT("a\r\r\nb"), SPAN_INIT("a\n\nb\n")},
    {LINES_DOT_KEEP, false, SPAN_INIT("\r\r\r"), SPAN_INIT("\n\n\n")},
    {LINES_DOT_KEEP, false, SPAN_INIT("\n\r\n\r"), SPAN_INIT("\n\n\n")},
    {LINES_DOT_KEEP, false, SPAN_INIT("a\0b\r\n\0"), SPAN_INIT("a\0b\n\0\n")},
    {LINES_DOT_KEEP, false, SPAN_INIT("\xff\r\xc3\xa4\n"), SPAN_INIT("\xff\n\xc3\xa4\n")},
    // -i: dots are text
    {LINES_DOT_KEEP, false, SPAN_INIT("a\n.\nb\n"), SPAN_INIT("a\n.\nb\n")},
    {LINES_DOT_KEEP, false, SPAN_INIT("a\n."), SPAN_INIT("a\n.\n")},
    {LINES_DOT_KEEP, false, SPAN_INIT("..\r\n.\r\n"), SPAN_INIT("..\n.\n")},
    {LINES_DOT_KEEP, true, SPAN_INIT("..\r\n.\r\n...x\n.y\na..\n"),
     SPAN_INIT(".\n.\n..x\n.y\na..\n")},
    // auto: the last line of all
    {LINES_DOT_LAST, false, SPAN_INIT("."), SPAN_INIT("")},
    {LINES_DOT_LAST, false, SPAN_INIT(".\n"), SPAN_INIT("")},
    {LINES_DOT_LAST, false, SPAN_INIT(".\r\n"), SPAN_INIT("")},
    {LINES_DOT_LAST, false, SPAN_INIT(".\r"), SPAN_INIT("")},
    {LINES_DOT_LAST, false, SPAN_INIT("a\n."), SPAN_INIT("a\n")},
    {LINES_DOT_LAST, false, SPAN_INIT("a\n.\n"), SPAN_INIT("a\n")},
    {LINES_DOT_LAST, false, SPAN_INIT("a\r\n.\r\n"), SPAN_INIT("a\n")},
    {LINES_DOT_LAST, false, SPAN_INIT("a\n.\r"), SPAN_INIT("a\n")},
    {LINES_DOT_LAST, false, SPAN_INIT(".\nb\n"), SPAN_INIT(".\nb\n")},
    {LINES_DOT_LAST, false, SPAN_INIT("a\n.\nb\n"), SPAN_INIT("a\n.\nb\n")},
    {LINES_DOT_LAST, false, SPAN_INIT("a\r\n.\r\nb\r\n"), SPAN_INIT("a\n.\nb\n")},
    {LINES_DOT_LAST, false, SPAN_INIT("a\n.\n\n"), SPAN_INIT("a\n.\n\n")},
    {LINES_DOT_LAST, false, SPAN_INIT("a\n.\n.\n"), SPAN_INIT("a\n.\n")},
    {LINES_DOT_LAST, false, SPAN_INIT("a\n.\rb"), SPAN_INIT("a\n.\nb\n")},
    {LINES_DOT_LAST, false, SPAN_INIT("a\r.\n"), SPAN_INIT("a\n.\n")},
    {LINES_DOT_LAST, false, SPAN_INIT("a.\n"), SPAN_INIT("a.\n")},
    {LINES_DOT_LAST, false, SPAN_INIT("a\n..\n"), SPAN_INIT("a\n..\n")},
    {LINES_DOT_LAST, false, SPAN_INIT("a\n. \n"), SPAN_INIT("a\n. \n")},
    {LINES_DOT_LAST, false, SPAN_INIT("..a\n..\n.b\n"), SPAN_INIT("..a\n..\n.b\n")},
    {LINES_DOT_LAST, false, SPAN_INIT("\r."), SPAN_INIT("\n.\n")},
    {LINES_DOT_LAST, true, SPAN_INIT("..\n..\n\r\r"), SPAN_INIT(".\n.\n\n\n")},
    {LINES_DOT_LAST, true, SPAN_INIT("..\n\r\r\n.\r\n"), SPAN_INIT(".\n\n\n")},
    // the strict rule
    {LINES_DOT_ENDS, false, SPAN_INIT("."), SPAN_INIT("")},
    {LINES_DOT_ENDS, false, SPAN_INIT("a\n.\nb\n"), SPAN_INIT("a\n")},
    {LINES_DOT_ENDS, false, SPAN_INIT("a\r\n.\r\nb\n"), SPAN_INIT("a\n")},
    {LINES_DOT_ENDS, false, SPAN_INIT(".\n.\n.\n"), SPAN_INIT("")},
    {LINES_DOT_ENDS, false, SPAN_INIT("a\r.\r\nb"), SPAN_INIT("a\n.\nb\n")},
    {LINES_DOT_ENDS, false, SPAN_INIT("a\n.\rb"), SPAN_INIT("a\n.\nb\n")},
    {LINES_DOT_ENDS, false, SPAN_INIT("a\n.b\n..\n...\n"), SPAN_INIT("a\n.b\n..\n...\n")},
    {LINES_DOT_ENDS, false, SPAN_INIT("x."), SPAN_INIT("x.\n")},
    {LINES_DOT_ENDS, true, SPAN_INIT("a\n.b\n..\n...\n.\nc"), SPAN_INIT("a\n.b\n.\n..\n")},
    {LINES_DOT_ENDS, true, SPAN_INIT("..\r\n..x\r\n"), SPAN_INIT(".\n.x\n")},
    {LINES_DOT_ENDS, true, SPAN_INIT(".."), SPAN_INIT(".\n")},
    {LINES_DOT_ENDS, true, SPAN_INIT("a\r..\n"), SPAN_INIT("a\n..\n")},
};

static void check_body(size_t row, size_t first, size_t step)
{
    struct lines l;
    struct buf out = BUF_INIT(1000);
    struct lines_figures want = {0};
    lines_init(&l, bodies[row].dot, bodies[row].unstuff);
    read_body(&l, &out, bodies[row].in, first, step);
    if (!span_equal(buf_span(&out), bodies[row].out))
        fail_msg("row %zu, split %zu/%zu: got \"%s\"", row, first, step, buf_str(&out));
    lines_count(&want, bodies[row].out);
    assert_int_equal(l.body.octets, want.octets);
    assert_int_equal(l.body.lines, want.lines);
    assert_int_equal(l.body.longest, want.longest);
    assert_int_equal(l.body.eightbit, want.eightbit);
    assert_int_equal(l.body.nul, want.nul);
    buf_free(&out);
    lines_free(&l);
}

static void bodies_come_out_right(void **state)
{
    (void)state;
    for (size_t row = 0; row < sizeof bodies / sizeof *bodies; row++) {
        for (size_t first = 0; first <= bodies[row].in.n; first++)
            check_body(row, first, SIZE_MAX);
        check_body(row, 1, 1);
        check_body(row, 2, 2);
        check_body(row, 3, 3);
    }
}

static void figures_are_counted(void **state)
{
    static const struct {
        struct span text;
        struct lines_figures want;
    } rows[] = {
        {SPAN_INIT(""), {0, 0, 0, false, false}},
        {SPAN_INIT("\n"), {1, 1, 0, false, false}},
        {SPAN_INIT("abc\nde\n"), {7, 2, 3, false, false}},
        {SPAN_INIT("de\nabc\n"), {7, 2, 3, false, false}},
        {SPAN_INIT("0123456789\n"), {11, 1, 10, false, false}},
        {SPAN_INIT("\xe4\n"), {2, 1, 1, true, false}},
        {SPAN_INIT("01234567\x80\n"), {10, 1, 9, true, false}},
        {SPAN_INIT("0\x80"
                   "1234567\n"),
         {10, 1, 9, true, false}},
        {SPAN_INIT("a\0\n"), {3, 1, 2, false, true}},
        {SPAN_INIT("\x7f\x01\t\n"), {4, 1, 3, false, false}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lines_figures f = {0};
        lines_count(&f, rows[i].text);
        assert_int_equal(f.octets, rows[i].want.octets);
        assert_int_equal(f.lines, rows[i].want.lines);
        assert_int_equal(f.longest, rows[i].want.longest);
        assert_int_equal(f.eightbit, rows[i].want.eightbit);
        assert_int_equal(f.nul, rows[i].want.nul);
    }
    struct lines_figures sum = {.octets = 5, .lines = 1, .longest = 4, .nul = true};
    lines_count(&sum, SPAN("ab\n"));
    assert_int_equal(sum.octets, 8);
    assert_int_equal(sum.lines, 2);
    assert_int_equal(sum.longest, 4);
    assert_true(sum.nul);
    assert_false(sum.eightbit);
}

// A text that is many times as long as the room, with line ends wherever they may fall.
static void body_is_longer_than_the_room(void **state)
{
    enum { SIZE = 5 * LINES_ROOM };
    static const char alphabet[] = "\r\n.ab\n.\r\xe4";
    char *in = malloc(SIZE);
    char *want = malloc(SIZE + 1);
    unsigned seed = 1;
    (void)state;
    for (int round = 0; round < 8; round++) {
        for (size_t i = 0; i < SIZE; i++) {
            seed = seed * 1103515245 + 12345;
            in[i] = alphabet[(seed >> 16) % (round < 4 ? 4 : 9)];
        }
        in[SIZE - 1] = 'x'; // so that no dot is the last line
        size_t n = 0;
        for (size_t i = 0; i < SIZE; i++)
            if (in[i] != '\r')
                want[n++] = in[i];
            else if (in[i + 1] != '\n')
                want[n++] = '\n';
        want[n++] = '\n';

        struct lines l;
        struct buf out = BUF_INIT(SIZE + 1);
        lines_init(&l, round % 2 ? LINES_DOT_LAST : LINES_DOT_KEEP, false);
        read_body(&l, &out, (struct span){in, SIZE}, (size_t)round * 1001, SIZE_MAX);
        assert_true(span_equal(buf_span(&out), (struct span){want, n}));
        struct lines_figures f = {0};
        lines_count(&f, (struct span){want, n});
        assert_int_equal(l.body.lines, f.lines);
        assert_int_equal(l.body.longest, f.longest);
        assert_true(l.text.size <= LINES_ROOM + 2);
        buf_free(&out);
        lines_free(&l);
    }
    free(in);
    free(want);
}

// What lines_line gives, each line in brackets.
static void read_lines(struct lines *l, struct buf *out, struct span input, size_t first,
                       size_t step)
{
    for (;;) {
        struct span line, again;
        switch (lines_line(l, &line)) {
        case LINES_TEXT:
            assert_int_equal(lines_line(l, &again), LINES_TEXT);
            assert_true(again.p == line.p && again.n == line.n);
            buf_putc(out, '[');
            buf_put_span(out, line);
            buf_putc(out, ']');
            lines_took(l);
            lines_took(l); // nothing was given since
            break;
        case LINES_MORE:
            feed(l, &input, first ? first : step);
            first = 0;
            break;
        case LINES_END: return;
        }
    }
}

static void lines_come_as_they_are(void **state)
{
    static const struct {
        struct span in, out;
    } rows[] = {
        {SPAN_INIT(""), SPAN_INIT("")},
        {SPAN_INIT("a"), SPAN_INIT("[a\n]")},
        {SPAN_INIT("a\n\nb\r\n"), SPAN_INIT("[a\n][\n][b\r\n]")},
        {SPAN_INIT("a\rb\n.\n..\n"), SPAN_INIT("[a\rb\n][.\n][..\n]")},
        {SPAN_INIT("a\r"), SPAN_INIT("[a\r\n]")},
        {SPAN_INIT("\0\n\0"), SPAN_INIT("[\0\n][\0\n]")},
    };
    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++)
        for (size_t first = 0; first <= rows[row].in.n; first++)
            for (size_t step = 1; step < 4; step++) {
                struct lines l;
                struct buf out = BUF_INIT(1000);
                lines_init(&l, LINES_DOT_ENDS, true);
                read_lines(&l, &out, rows[row].in, first, step);
                assert_true(span_equal(buf_span(&out), rows[row].out));
                buf_free(&out);
                lines_free(&l);
            }
}

static void long_line_comes_in_pieces(void **state)
{
    enum { SIZE = LINES_ROOM * 2 };
    struct lines l;
    struct span line;
    struct span input;
    char *in = malloc(SIZE);
    (void)state;
    memset(in, 'x', SIZE);
    in[LINES_ROOM - 1] = '\r';
    in[LINES_ROOM] = '\n';
    input = (struct span){in, LINES_ROOM + 1};
    lines_init(&l, LINES_DOT_KEEP, false);
    while (lines_line(&l, &line) == LINES_MORE)
        feed(&l, &input, 4096);
    assert_int_equal(line.n, LINES_ROOM - 1); // the CR may be half of a line end
    lines_took(&l);
    while (lines_line(&l, &line) == LINES_MORE)
        feed(&l, &input, 4096);
    assert_true(span_equal(line, SPAN("\r\n")));
    lines_took(&l);
    lines_end(&l);
    assert_int_equal(lines_line(&l, &line), LINES_END);
    lines_free(&l);

    // The last line end is added behind a piece that was used up already, too.
    memset(in, '\r', SIZE);
    input = (struct span){in, LINES_ROOM};
    lines_init(&l, LINES_DOT_KEEP, false);
    while (lines_line(&l, &line) == LINES_MORE)
        feed(&l, &input, SIZE);
    assert_int_equal(line.n, LINES_ROOM - 1);
    lines_took(&l);
    lines_end(&l);
    assert_int_equal(lines_line(&l, &line), LINES_TEXT);
    assert_true(span_equal(line, SPAN("\r\n")));
    lines_free(&l);
    free(in);
}

static void body_begins_with_a_line_not_taken(void **state)
{
    struct lines l;
    struct span line;
    struct buf out = BUF_INIT(100);
    struct span input = SPAN("To: x\r\na\rb\r\n.\r\n");
    (void)state;
    lines_init(&l, LINES_DOT_LAST, false);
    feed(&l, &input, SIZE_MAX);
    assert_int_equal(lines_line(&l, &line), LINES_TEXT);
    lines_took(&l);
    assert_int_equal(lines_line(&l, &line), LINES_TEXT);
    assert_true(span_equal(line, SPAN("a\rb\r\n")));
    read_body(&l, &out, input, 0, SIZE_MAX);
    assert_string_equal(buf_str(&out), "a\nb\n");
    assert_int_equal(l.body.octets, 4);
    assert_int_equal(l.body.lines, 2);
    buf_free(&out);
    lines_free(&l);

    // A dot right behind the header is at the start of a line.
    input = SPAN("To: x\n.\n");
    lines_init(&l, LINES_DOT_ENDS, false);
    feed(&l, &input, SIZE_MAX);
    assert_int_equal(lines_line(&l, &line), LINES_TEXT);
    lines_took(&l);
    assert_int_equal(lines_body(&l, &line), LINES_END);
    assert_int_equal(l.body.octets, 0);
    lines_free(&l);
}

// On a terminal nobody types more after the dot: no further read may be asked for.
static void ending_dot_needs_no_more_input(void **state)
{
    struct lines l;
    struct span piece;
    struct span input = SPAN("a\n.\n");
    (void)state;
    lines_init(&l, LINES_DOT_ENDS, true);
    feed(&l, &input, SIZE_MAX);
    assert_int_equal(lines_body(&l, &piece), LINES_TEXT);
    assert_true(span_equal(piece, SPAN("a\n")));
    assert_int_equal(lines_body(&l, &piece), LINES_END);
    assert_int_equal(lines_body(&l, &piece), LINES_END);
    lines_free(&l);
    lines_free(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_come_out_right),
        cmocka_unit_test(figures_are_counted),
        cmocka_unit_test(body_is_longer_than_the_room),
        cmocka_unit_test(lines_come_as_they_are),
        cmocka_unit_test(long_line_comes_in_pieces),
        cmocka_unit_test(body_begins_with_a_line_not_taken),
        cmocka_unit_test(ending_dot_needs_no_more_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
