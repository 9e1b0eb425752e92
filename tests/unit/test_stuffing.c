// SPDX-License-Identifier: ISC
// links: sendmail
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "sendmail/stuffing.h"

// `rest` is what must be left behind the end, NULL where the text does not end.
static const struct {
    bool crlf;
    struct span in, out, rest;
} cases[] = {
    // a client of CR LF
    {true, SPAN_INIT(".\r\n"), SPAN_INIT(""), SPAN_INIT("")},
    {true, SPAN_INIT("a\r\n.\r\n"), SPAN_INIT("a\r\n"), SPAN_INIT("")},
    {true, SPAN_INIT("a\r\n.\r\nQUIT\r\n"), SPAN_INIT("a\r\n"), SPAN_INIT("QUIT\r\n")},
    {true, SPAN_INIT("\r\n.\r\n.\r\n"), SPAN_INIT("\r\n"), SPAN_INIT(".\r\n")},
    {true, SPAN_INIT("..\r\n...\r\n..a\r\n.b\r\n.\r\n"), SPAN_INIT(".\r\n..\r\n.a\r\nb\r\n"),
     SPAN_INIT("")},
    {true, SPAN_INIT("a.\r\na..\r\n.\r\n"), SPAN_INIT("a.\r\na..\r\n"), SPAN_INIT("")},
    {true, SPAN_INIT("a\0b\r\n\0\r\n.\r\n"), SPAN_INIT("a\0b\r\n\0\r\n"), SPAN_INIT("")},
    // whatever a message may hold beside CR LF neither ends it nor loses a dot
    {true, SPAN_INIT("a\n.\nb\r\n.\r\n"), SPAN_INIT("a\n.\nb\r\n"), SPAN_INIT("")},
    {true, SPAN_INIT("a\n.\r\nb\r\n.\r\n"), SPAN_INIT("a\n.\r\nb\r\n"), SPAN_INIT("")},
    {true, SPAN_INIT("a\r.\r\nb\r\n.\r\n"), SPAN_INIT("a\r.\r\nb\r\n"), SPAN_INIT("")},
    {true, SPAN_INIT("a\r\n.\nb\r\n.\r\n"), SPAN_INIT("a\r\n\nb\r\n"), SPAN_INIT("")},
    {true, SPAN_INIT("a\r\n.\rb\r\n.\r\n"), SPAN_INIT("a\r\n\rb\r\n"), SPAN_INIT("")},
    {true, SPAN_INIT("a\r\n.\r\r\nb\r\n.\r\n"), SPAN_INIT("a\r\n\r\r\nb\r\n"), SPAN_INIT("")},
    {true, SPAN_INIT("a\n..b\r\n.\r\n"), SPAN_INIT("a\n..b\r\n"), SPAN_INIT("")},
    {true, SPAN_INIT("a\r\r\n.\r\n"), SPAN_INIT("a\r\r\n"), SPAN_INIT("")},
    {true, SPAN_INIT("\n.\r\n\r\n.\r\n"), SPAN_INIT("\n.\r\n\r\n"), SPAN_INIT("")},
    {true, SPAN_INIT("a\r\n.\r\rx\r\n.\r\n"), SPAN_INIT("a\r\n\r\rx\r\n"), SPAN_INIT("")},
    // no end
    {true, SPAN_INIT(""), SPAN_INIT(""), {NULL, 0}},
    {true, SPAN_INIT("a\n.\n"), SPAN_INIT("a\n.\n"), {NULL, 0}},
    {true, SPAN_INIT("a\r\n."), SPAN_INIT("a\r\n"), {NULL, 0}},
    {true, SPAN_INIT("a\r\n.\r"), SPAN_INIT("a\r\n"), {NULL, 0}},
    {true, SPAN_INIT(".\n"), SPAN_INIT("\n"), {NULL, 0}},
    // a client of LF: each line counts as it comes
    {false, SPAN_INIT(".\n"), SPAN_INIT(""), SPAN_INIT("")},
    {false, SPAN_INIT("a\n.\nQUIT\n"), SPAN_INIT("a\n"), SPAN_INIT("QUIT\n")},
    {false, SPAN_INIT("a\r\n.\r\nQUIT\n"), SPAN_INIT("a\r\n"), SPAN_INIT("QUIT\n")},
    {false, SPAN_INIT("a\r\n.\nQUIT\n"), SPAN_INIT("a\r\n"), SPAN_INIT("QUIT\n")},
    {false, SPAN_INIT("..\n..a\n.b\n.\n"), SPAN_INIT(".\n.a\nb\n"), SPAN_INIT("")},
    {false, SPAN_INIT("a\r.\rb\n.\n"), SPAN_INIT("a\r.\rb\n"), SPAN_INIT("")},
    {false, SPAN_INIT("a\n.\r\r\n.\n"), SPAN_INIT("a\n\r\r\n"), SPAN_INIT("")},
    {false, SPAN_INIT("a\n."), SPAN_INIT("a\n"), {NULL, 0}},
};

// Reads the text in pieces of `step` octets, the first one of `first`, into `room` octets.
static void check(size_t i, size_t first, size_t step, size_t room)
{
    struct stuffing s;
    struct buf out = BUF_INIT(1024);
    struct span in = cases[i].in;
    size_t most = first ? first : step;
    stuffing_init(&s, cases[i].crlf);
    while (in.n && s.state != STUFFING_END) {
        size_t n = in.n < most ? in.n : most;
        // Storage of exactly that size, so that a sanitizer sees an octet too many.
        char *copy = malloc(n), *to = malloc(room);
        memcpy(copy, in.p, n);
        struct span piece = {copy, n};
        while (piece.n && s.state != STUFFING_END) {
            size_t left = piece.n, put = stuffing_take(&s, &piece, to, room);
            assert_true(put <= room);
            assert_true(piece.n < left || s.state == STUFFING_TEXT);
            buf_put(&out, to, put);
        }
        in.p += n - piece.n;
        in.n -= n - piece.n;
        most = step;
        free(copy);
        free(to);
    }
    bool ended = s.state == STUFFING_END;
    if (!span_equal(buf_span(&out), cases[i].out) || ended != (cases[i].rest.p != NULL) ||
        (ended && !span_equal(in, cases[i].rest)))
        fail_msg("case %zu, %zu, %zu, %zu", i, first, step, room);
    buf_free(&out);
}

static void whole_and_in_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t first = 0; first <= cases[i].in.n; first++)
            for (size_t step = 1; step < 4; step++)
                for (size_t room = 2; room < 6; room++)
                    check(i, first, step, room);
        check(i, 0, 1024, 1024);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(whole_and_in_pieces)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
