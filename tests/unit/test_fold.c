// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "message/mime/fold.h"

// Makes "X: " and n times the word.
static void make(struct buf *field, const char *word, size_t n, const char *end)
{
    buf_clear(field);
    buf_puts(field, "X: ");
    for (size_t i = 0; i < n; i++)
        buf_puts(field, word);
    buf_puts(field, end);
}

static void unfold(struct buf *to, struct span text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] != '\n' || i + 1 == text.n)
            buf_putc(to, text.p[i]);
}

static void test_folding(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        size_t n;
        const char *end;
        size_t longest; // that is left
    } rows[] = {
        {"word ", 300, "\n", 77},
        {"word ", 300, "", 77},
        {"\tword", 300, "\n more\n", 78},
        {"x", 2000, "\n", 2001},
        {"x", 900, " y\n", 905},
        {"x", 994, " y\n", 995},
        {"x", 2000, " y\n", 2001},
        {" ", 2000, "y\n", 2002},
        {"y ", 1, "                                                           \n", 64},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf field = BUF_INIT(10000), out = BUF_INIT(10000), back = BUF_INIT(10000),
                   plain = BUF_INIT(10000);
        struct span rest, line;
        size_t longest = 0;
        make(&field, rows[i].word, rows[i].n, rows[i].end);
        fold_put(&out, buf_span(&field), false);
        for (rest = buf_span(&out); rest.n && span_cut(&rest, '\n', &line);) {
            longest = line.n > longest ? line.n : longest;
            assert_true(span_trim(line).n > 0);
        }
        if (longest != rows[i].longest)
            fail_msg("row %zu: %zu octets", i, longest);
        unfold(&back, buf_span(&out));
        unfold(&plain, buf_span(&field));
        assert_string_equal(buf_str(&back), buf_str(&plain));
        buf_free(&field);
        buf_free(&out);
        buf_free(&back);
        buf_free(&plain);
    }
}

static void test_commas(void **state)
{
    (void)state;
    struct buf field = BUF_INIT(10000), out = BUF_INIT(10000);
    struct span rest, line;
    make(&field, "\"a,b\"@example.org,", 100, "c@example.org\n");
    fold_put(&out, buf_span(&field), true);
    assert_false(fold_is_needed(buf_span(&out)));
    for (rest = buf_span(&out); rest.n && span_cut(&rest, '\n', &line);)
        assert_true(line.n == 0 || line.p[line.n - 1] != 'a');
    buf_clear(&out);
    fold_put(&out, buf_span(&field), false);
    assert_true(fold_is_needed(buf_span(&out)));
    buf_free(&field);
    buf_free(&out);
}

static void test_needed(void **state)
{
    (void)state;
    struct buf text = BUF_INIT(10000);
    make(&text, "x", 995, "\nY: short\n");
    assert_false(fold_is_needed(buf_span(&text)));
    make(&text, "x", 996, "\nY: short\n");
    assert_true(fold_is_needed(buf_span(&text)));
    assert_false(fold_is_needed(SPAN("")));
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_folding),
        cmocka_unit_test(test_commas),
        cmocka_unit_test(test_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
