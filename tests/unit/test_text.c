// SPDX-License-Identifier: ISC
// links: base
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

// The classes are ASCII's, whatever the octet and whether char is signed.
static void test_classes(void **state)
{
    (void)state;
    for (int i = 0; i < 256; i++) {
        char c = (char)i;
        bool digit = i >= '0' && i <= '9';
        bool upper = i >= 'A' && i <= 'Z', lower = i >= 'a' && i <= 'z';
        assert_int_equal(text_is_digit(c), digit);
        assert_int_equal(text_is_alpha(c), upper || lower);
        assert_int_equal(text_is_alnum(c), upper || lower || digit);
        assert_int_equal(text_is_blank(c), i == ' ' || i == '\t');
        assert_int_equal(text_is_control(c), i < 32 || i == 127);
        assert_int_equal((unsigned char)text_lower(c), upper ? i + 32 : i);
    }
}

static void test_number(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t max;
        bool good;
        uint64_t value;
    } table[] = {
        {"0", 0, true, 0},
        {"1", 0, false, 0},
        {"007", 7, true, 7},
        {"", 9, false, 0},
        {" 1", 9, false, 0},
        {"1 ", 9, false, 0},
        {"+1", 9, false, 0},
        {"-1", UINT64_MAX, false, 0},
        {"0x1", 9, false, 0},
        {"1.", 9, false, 0},
        {"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
        {"18446744073709551614", UINT64_MAX - 1, true, UINT64_MAX - 1},
        {"18446744073709551615", UINT64_MAX - 1, false, 0},
        {"18446744073709551616", UINT64_MAX, false, 0},
        {"18446744073709551620", UINT64_MAX, false, 0},
        {"99999999999999999999999999", UINT64_MAX, false, 0},
        {"00000000000000000000000000000012", 12, true, 12},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        uint64_t value = 4711;
        bool good = text_number(span_of(table[i].text), table[i].max, &value);
        if (good != table[i].good || value != (good ? table[i].value : 4711))
            fail_msg("row %zu: \"%s\"", i, table[i].text);
    }
    uint64_t value;
    assert_false(text_number((struct span){"1\0", 2}, 9, &value));
}

static void test_spans(void **state)
{
    (void)state;
    static const struct span none = {NULL, 0};
    assert_true(span_equal(none, SPAN("")));
    assert_true(span_equal(SPAN("a\0b"), SPAN("a\0b")));
    assert_false(span_equal(SPAN("a\0b"), SPAN("a\0c")));
    assert_false(span_equal(SPAN("a"), SPAN("A")));
    assert_true(span_equal_nocase(SPAN("aBc@[`{"), SPAN("AbC@[`{")));
    assert_false(span_equal_nocase(SPAN("@"), SPAN("`"))); // 32 apart, and no letters
    assert_false(span_equal_nocase(SPAN("\xc4"), SPAN("\xe4")));
    assert_false(span_equal_nocase(SPAN("ab"), SPAN("abc")));
    assert_true(span_equal_nocase(none, none));
    assert_true(span_starts_nocase(SPAN("Subject: x"), SPAN("subject:")));
    assert_true(span_starts_nocase(SPAN("x"), none));
    assert_false(span_starts_nocase(SPAN("subject"), SPAN("subject:")));
    assert_false(span_starts_nocase(none, SPAN("x")));
    assert_true(span_equal(span_trim(SPAN(" \t\r\n a \v b \r\n\t ")), SPAN("a \v b")));
    assert_int_equal(span_trim(SPAN(" \r\n\t")).n, 0);
    assert_int_equal(span_trim(none).n, 0);
}

static void assert_parts(struct span text, char c, const char *const *parts)
{
    struct span part;
    while (span_cut(&text, c, &part)) {
        assert_non_null(*parts);
        assert_int_equal(part.n, strlen(*parts));
        assert_memory_equal(part.n ? part.p : "", *parts, part.n);
        parts++;
    }
    assert_null(*parts);
    assert_null(part.p);
    assert_null(text.p);
    assert_false(span_cut(&text, c, &part));
}

static void test_cut(void **state)
{
    (void)state;
    assert_parts((struct span){NULL, 0}, ',', (const char *const[]){NULL});
    assert_parts(SPAN(""), ',', (const char *const[]){"", NULL});
    assert_parts(SPAN("a"), ',', (const char *const[]){"a", NULL});
    assert_parts(SPAN("a,"), ',', (const char *const[]){"a", "", NULL});
    assert_parts(SPAN(",a,,b"), ',', (const char *const[]){"", "a", "", "b", NULL});
    assert_parts((struct span){"a,b,c", 3}, ',', (const char *const[]){"a", "b", NULL});
}

static void test_words(void **state)
{
    (void)state;
    struct span rest = SPAN(" \tone  two\tthree \r"), word;
    assert_true(span_word(&rest, &word) && span_equal(word, SPAN("one")));
    assert_true(span_word(&rest, &word) && span_equal(word, SPAN("two")));
    assert_true(span_word(&rest, &word) && span_equal(word, SPAN("three")));
    assert_true(span_word(&rest, &word) && span_equal(word, SPAN("\r"))); // no blank
    assert_false(span_word(&rest, &word));
    assert_false(span_word(&rest, &word));
    rest = SPAN("   ");
    assert_false(span_word(&rest, &word));
    rest = (struct span){NULL, 0};
    assert_false(span_word(&rest, &word));
}

// What UTF-8 is, told by decoding: the shortest form of a scalar value (RFC 3629, 3).
static size_t utf8_by_value(const unsigned char *u, size_t n)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = u[0] < 0x80             ? 1
                    : (u[0] & 0xe0) == 0xc0 ? 2
                    : (u[0] & 0xf0) == 0xe0 ? 3
                    : (u[0] & 0xf8) == 0xf0 ? 4
                                            : 0;
    if (length < 2 || length > n)
        return length == 1;
    uint32_t value = u[0] & (0xffU >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((u[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (u[i] & 0x3f);
    }
    bool scalar = value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
    return scalar && value >= least[length] ? length : 0;
}

static void test_within(void **state)
{
    static const struct {
        const char *name, *domain;
        bool is;
    } table[] = {
        {"example.org", "example.org", true},
        {"SMTP.example.ORG", "Example.org", true},
        {"a.b.example.org", "example.org", true},
        {"badexample.org", "example.org", false},
        {"example.org.evil.net", "example.org", false},
        {"org", "example.org", false},
        {"", "example.org", false},
        {"example.org", "", false},
        {".example.org", "example.org", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (span_is_within(span_of(table[i].name), span_of(table[i].domain)) != table[i].is)
            fail_msg("%s in %s", table[i].name, table[i].domain);
}

static void test_utf8_against_its_definition(void **state)
{
    (void)state;
    static const unsigned char later[] = {0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90,
                                          0x9f, 0xa0, 0xa6, 0xbf, 0xc0, 0xff};
    enum { N = sizeof later };
    for (unsigned a = 0; a < 256; a++) {
        for (unsigned b = 0; b < 256; b++) {
            for (unsigned c = 0; c < N; c++) {
                for (unsigned d = 0; d < N; d++) {
                    unsigned char u[4] = {(unsigned char)a, (unsigned char)b, later[c],
                                          later[d]};
                    for (size_t n = 1; n <= 4; n++)
                        if (text_utf8((struct span){(const char *)u, n}) != utf8_by_value(u, n))
                            fail_msg("%02x %02x %02x %02x, %zu octets", u[0], u[1], u[2], u[3],
                                     n);
                }
            }
        }
    }
    assert_int_equal(text_utf8((struct span){NULL, 0}), 0);
}

static void test_code_point(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned point;
    } cases[] = {
        {"A", 'A'},
        {"\x7f", 0x7f},
        {"\xc2\x80", 0x80},
        {"\xc3\xa4", 0xe4},
        {"\xdf\xbf", 0x7ff},
        {"\xe0\xa0\x80", 0x800},
        {"\xe2\x82\xac", 0x20ac},
        {"\xef\xbf\xbf", 0xffff},
        {"\xf0\x9f\x93\xa7", 0x1f4e7},
        {"\xf4\x8f\xbf\xbf", 0x10ffff},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n = text_utf8(span_of(cases[i].text));
        assert_int_equal(n, strlen(cases[i].text));
        assert_int_equal(text_code_point(cases[i].text, n), cases[i].point);
    }
}

static void assert_clean(struct span text, size_t most, const char *want)
{
    struct buf out = BUF_INIT(1000);
    text_clean(&out, text, most);
    assert_string_equal(buf_str(&out), want);
    buf_free(&out);
}

static void test_clean(void **state)
{
    (void)state;
    assert_clean(SPAN(""), 100, "");
    assert_clean(SPAN("plain ~ text"), 100, "plain ~ text");
    assert_clean(SPAN("\tx\r\ny\n"), 100, " x  y ");
    assert_clean(SPAN("\0\a\b\v\f\x1b[31m\x7f"), 100,
                 "?????"
                 "?[31m?");
    assert_clean(SPAN("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x93\xa7"), 100,
                 "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x93\xa7");
    assert_clean(SPAN("\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0"), 100, "???\xc2\xa0"); // C1, then U+A0
    assert_clean(SPAN("\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xae\xe2\x80\xaf"), 100,
                 "\xe2\x80\xa7??\xe2\x80\xaf");
    assert_clean(SPAN("\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa"), 100,
                 "\xe2\x81\xa5??\xe2\x81\xaa");
    assert_clean(SPAN("\xff\xfe"
                      "a\xc3("
                      "\xed\xa0\x80\xf4\x90\x80\x80"),
                 100, "??a?(???????");
    assert_clean(SPAN("\xc3"), 100, "?");
    assert_clean(SPAN("\xe2\x82"), 100, "??");
}

static void test_clean_is_cut_between_characters(void **state)
{
    (void)state;
    static const char text[] = "a\xc3\xbc\xe2\x82\xac\xf0\x9f\x93\xa7z";
    static const size_t ends[] = {0, 1, 3, 6, 10, 11};
    for (size_t most = 0; most < 20; most++) {
        struct buf out = BUF_INIT(100);
        size_t want = 0;
        text_clean(&out, span_of(text), most);
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
            if (ends[i] <= most)
                want = ends[i];
        assert_int_equal(out.n, want);
        assert_memory_equal(buf_str(&out), text, want);
        buf_free(&out);
    }
}

// Whatever goes in, what comes out is clean: cleaning it again changes nothing, and no octet
// in it is a control.
static void test_clean_is_clean(void **state)
{
    (void)state;
    for (unsigned a = 0; a < 256; a++) {
        for (unsigned b = 0; b < 256; b++) {
            char text[] = {(char)0xe2, (char)a, (char)b, (char)a, (char)b, (char)0xc2, (char)a};
            struct buf once = BUF_INIT(100), twice = BUF_INIT(100);
            text_clean(&once, (struct span){text, sizeof text}, 100);
            text_clean(&twice, buf_span(&once), 100);
            assert_true(span_equal(buf_span(&once), buf_span(&twice)));
            for (size_t i = 0; i < once.n; i++)
                assert_false(text_is_control(once.p[i]));
            assert_false(once.over);
            buf_free(&once);
            buf_free(&twice);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_number),
        cmocka_unit_test(test_spans),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_within),
        cmocka_unit_test(test_utf8_against_its_definition),
        cmocka_unit_test(test_code_point),
        cmocka_unit_test(test_clean),
        cmocka_unit_test(test_clean_is_cut_between_characters),
        cmocka_unit_test(test_clean_is_clean),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
