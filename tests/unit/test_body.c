// SPDX-License-Identifier: ISC
// links: smtp
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/body.h"

static const struct {
    const char *in, *out;
} cases[] = {
    {"", ".\r\n"},
    {"a\n", "a\r\n.\r\n"},
    {"a", "a\r\n.\r\n"},
    {"\n", "\r\n.\r\n"},
    {".\n", "..\r\n.\r\n"},
    {".", "..\r\n.\r\n"},
    {"..\n.a\na.\n", "...\r\n..a\r\na.\r\n.\r\n"},
    {"a\r\nb\r\n", "a\r\nb\r\n.\r\n"},
    {"a\rb", "a\r\nb\r\n.\r\n"},
    {"a\r", "a\r\n.\r\n"},
    {"\r", "\r\n.\r\n"},
    {"\r\r\n", "\r\n\r\n.\r\n"},
    {"a\n\rb\n", "a\r\n\r\nb\r\n.\r\n"},
    {"a\r.\rb", "a\r\n..\r\nb\r\n.\r\n"},
    {"a\n.\r\nQUIT\n", "a\r\n..\r\nQUIT\r\n.\r\n"},
    {"a\n.\rQUIT\n", "a\r\n..\r\nQUIT\r\n.\r\n"},
    {"caf\xc3\xa9\n\xff\n", "caf\xc3\xa9\r\n\xff\r\n.\r\n"},
};

static void encode_split(struct buf *out, const char *p, size_t n, size_t at, bool dots)
{
    struct body b;
    body_init(&b, dots);
    body_encode(&b, out, p, at);
    body_encode(&b, out, p + at, n - at);
    body_end(&b, out);
}

static void test_table(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (size_t at = 0; at <= strlen(cases[c].in); at++) {
            struct buf out = BUF_INIT(1000);
            encode_split(&out, cases[c].in, strlen(cases[c].in), at, true);
            assert_string_equal(buf_str(&out), cases[c].out);
            buf_free(&out);
        }
}

static void test_nul(void **state)
{
    (void)state;
    static const char in[] = "a\0\n\0b\n.\0\n\0";
    for (size_t at = 0; at < sizeof in; at++) {
        struct buf out = BUF_INIT(1000);
        encode_split(&out, in, sizeof in - 1, at, true);
        assert_string_equal(buf_str(&out), "a?\r\n?b\r\n..?\r\n?\r\n.\r\n");
        buf_free(&out);
    }
}

static void test_without_dots(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(1000);
    encode_split(&out, ".\n..\nend", 8, 3, false);
    assert_string_equal(buf_str(&out), ".\r\n..\r\nend\r\n");
    buf_free(&out);
}

// What a receiver makes of it.
static void decode(struct buf *out, struct span wire)
{
    bool start = true;
    for (size_t i = 0; i < wire.n; i++) {
        if (start && wire.p[i] == '.' && i + 3 <= wire.n &&
            memcmp(wire.p + i, ".\r\n", 3) == 0) {
            assert_int_equal(i + 3, wire.n); // the only lone dot is the last line
            return;
        }
        if (start && wire.p[i] == '.')
            i++;
        start = false;
        if (wire.p[i] == '\r') {
            assert_true(i + 1 < wire.n && wire.p[i + 1] == '\n');
            i++;
            start = true;
            buf_putc(out, '\n');
            continue;
        }
        assert_true(wire.p[i] != '\n' && wire.p[i] != '\0');
        buf_putc(out, wire.p[i]);
    }
    fail_msg("no lone dot");
}

// What the message means: line breaks of any kind are LF, the last line has one.
static void normalise(struct buf *out, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '\r' && i + 1 < n && p[i + 1] == '\n')
            continue;
        buf_putc(out, p[i] == '\r' ? '\n' : p[i] == '\0' ? '?' : p[i]);
    }
    if (out->n && out->p[out->n - 1] != '\n')
        buf_putc(out, '\n');
}

static void test_random(void **state)
{
    (void)state;
    static const char letters[] = "\r\n..\n\r\0ab";
    srand(1);
    for (int round = 0; round < 20000; round++) {
        char in[40];
        size_t n = (size_t)rand() % (sizeof in + 1);
        for (size_t i = 0; i < n; i++)
            in[i] = letters[(size_t)rand() % (sizeof letters - 1)];
        struct buf wire = BUF_INIT(1000), back = BUF_INIT(1000), meant = BUF_INIT(1000);
        struct body b;
        body_init(&b, true);
        for (size_t i = 0; i < n;) {
            size_t piece = 1 + (size_t)rand() % (n - i);
            size_t before = wire.n;
            body_encode(&b, &wire, in + i, piece);
            assert_true(wire.n - before <= 2 * piece);
            i += piece;
        }
        body_end(&b, &wire);
        decode(&back, buf_span(&wire));
        normalise(&meant, in, n);
        assert_true(span_equal(buf_span(&back), buf_span(&meant)));
        buf_free(&wire);
        buf_free(&back);
        buf_free(&meant);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_nul),
        cmocka_unit_test(test_without_dots),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
