// SPDX-License-Identifier: ISC
// links: message
// Encoded words, read back by a reader that knows nothing of the writer but RFC 2047.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "message/mime/encoded.h"

#define UE   "\xc3\xbc"
#define EURO "\xe2\x82\xac"
#define CLEF "\xf0\x9d\x84\x9e"

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// What the words say. Each is looked at: its length, its charset, that its characters are
// whole, and that nothing but letters that may stand in a phrase is in it.
static void read_back(struct buf *text, struct span words, const char *charset)
{
    struct buf frame = BUF_INIT(64);
    buf_printf(&frame, "=?%s?q?", charset);
    struct span word;
    while (span_cut(&words, '\n', &word)) {
        word = span_trim(word);
        if (word.n == 0)
            continue; // a first line with no room for any
        size_t from = text->n;
        assert_true(word.n <= 75);
        assert_true(encoded_is_word(word));
        assert_true(word.n > frame.n);
        assert_memory_equal(word.p, frame.p, frame.n);
        for (size_t i = frame.n; i < word.n - 2; i++) {
            char c = word.p[i];
            assert_true(text_is_alnum(c) || strchr("!*+-/=_", c));
            if (c == '=') {
                assert_true(digit(word.p[i + 1]) >= 0 && digit(word.p[i + 2]) >= 0);
                c = (char)(digit(word.p[i + 1]) * 16 + digit(word.p[i + 2]));
                i += 2;
            } else if (c == '_') {
                c = ' ';
            }
            buf_putc(text, c);
        }
        struct span part = {text->p + from, text->n - from};
        assert_true(encoded_is_utf8(part) || strcmp(charset, "utf-8") != 0);
    }
    buf_free(&frame);
}

static void test_round_trip(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t times;
        const char *charset;
    } table[] = {
        {UE, 1, "utf-8"},
        {"plain", 1, "utf-8"},
        {"two words", 1, "utf-8"},
        {"a" UE "?=_ \"(),.:;<>@[\\]", 1, "utf-8"},
        {UE, 500, "utf-8"},
        {EURO, 333, "utf-8"},
        {CLEF, 250, "utf-8"},
        {"x" CLEF " ", 100, "utf-8"},
        {"\xff", 400, "unknown-8bit"},
        {UE "\xff", 200, "unknown-8bit"},
        {"a" UE "\xe2\x82", 50, "unknown-8bit"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        for (size_t column = 1; column < 100; column++) { // behind a name or a blank
            struct buf text = BUF_INIT(10000), out = BUF_INIT(100000), back = BUF_INIT(10000);
            for (size_t n = 0; n < table[i].times; n++)
                buf_puts(&text, table[i].text);
            encoded_put(&out, buf_span(&text), column);
            assert_false(out.over);
            read_back(&back, buf_span(&out), table[i].charset);
            assert_string_equal(buf_str(&back), buf_str(&text));
            struct span rest = buf_span(&out), line;
            for (size_t at = column; span_cut(&rest, '\n', &line); at = 0) {
                // The first one may hold nothing of it: then it is not longer than it was.
                assert_true(line.n == 0 || at + line.n <= ENCODED_LINE_MAX);
                assert_true(at == column || line.n == 0 || line.p[0] == ' ');
            }
            buf_free(&text);
            buf_free(&out);
            buf_free(&back);
        }
}

static void test_nothing(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(100);
    encoded_put(&out, SPAN(""), 10);
    assert_int_equal(out.n, 0);
    buf_free(&out);
}

static void test_questions(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool word, utf8;
    } table[] = {
        {"", false, true},
        {"=?=?=", false, true},
        {"=?a?q?b?=", true, true},
        {"=?a?q?b?", false, true},
        {"?a?q?b?=", false, true},
        {UE EURO CLEF, false, true},
        {"\xc3", false, false},
        {"\xc0\x80", false, false},         // overlong
        {"\xed\xa0\x80", false, false},     // half of a pair of UTF-16
        {"\xf4\x90\x80\x80", false, false}, // beyond Unicode
        {"a\xfe", false, false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_int_equal(encoded_is_word(span_of(table[i].text)), table[i].word);
        assert_int_equal(encoded_is_utf8(span_of(table[i].text)), table[i].utf8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_questions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
