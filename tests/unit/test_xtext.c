// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "message/xtext.h"

static void test_every_octet(void **state)
{
    (void)state;
    for (int i = 0; i < 256; i++) {
        char c = (char)i;
        struct buf x = BUF_INIT(10), plain = BUF_INIT(10);
        xtext_encode(&x, (struct span){&c, 1});
        bool itself = i > 32 && i < 127 && i != '+' && i != '=';
        assert_int_equal(x.n, itself ? 1 : 3);
        assert_int_equal(x.p[0], itself ? c : '+');
        for (size_t k = 0; k < x.n; k++)
            assert_true(x.p[k] > 32 && x.p[k] < 127 && x.p[k] != '=');
        assert_true(xtext_decode(&plain, buf_span(&x)));
        assert_int_equal(plain.n, 1);
        assert_int_equal(plain.p[0], c);
        buf_free(&x);
        buf_free(&plain);
    }
}

static void test_decode(void **state)
{
    (void)state;
    static const struct {
        const char *text, *plain; // NULL: no xtext
    } table[] = {
        {"", ""},        {"abc", "abc"},  {"a+20b", "a b"}, {"+2B+3D", "+="}, {"+", NULL},
        {"+2", NULL},    {"a+2", NULL},   {"+2g", NULL},    {"+4G", NULL},    {"+G4", NULL},
        {"+2b", NULL},   {"+ 0", NULL},   {"a=b", NULL},    {"a b", NULL},    {"a\tb", NULL},
        {"a\x7f", NULL}, {"a\x80", NULL}, {"+4", NULL},     {"+41+4", NULL},  {"++41", NULL},
        {"+-1", NULL},   {"+0x", NULL},   {"+41+42", "AB"}, {"+7F", "\x7f"},  {"+FF", "\xff"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf plain = BUF_INIT(100);
        bool good = xtext_decode(&plain, span_of(table[i].text));
        if (good != !!table[i].plain || (good && strcmp(buf_str(&plain), table[i].plain) != 0))
            fail_msg("row %zu: %s", i, table[i].text);
        buf_free(&plain);
    }
}

static void test_decode_beyond_the_cap(void **state)
{
    (void)state;
    struct buf plain = BUF_INIT(3);
    assert_true(xtext_decode(&plain, SPAN("abc")));
    buf_clear(&plain);
    assert_false(xtext_decode(&plain, SPAN("abcd")));
    buf_free(&plain);
}

static void test_fields(void **state)
{
    (void)state;
    static const struct {
        const char *text, *field;
    } table[] = {{"", "-"}, {"-", "+2D"}, {"--", "--"}, {"a b", "a+20b"}, {"+", "+2B"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf field = BUF_INIT(100), text = BUF_INIT(100);
        xtext_put_field(&field, span_of(table[i].text));
        assert_string_equal(buf_str(&field), table[i].field);
        assert_true(xtext_take_field(&text, buf_span(&field)));
        assert_string_equal(buf_str(&text), table[i].text);
        buf_free(&field);
        buf_free(&text);
    }
    struct buf text = BUF_INIT(100);
    assert_false(xtext_take_field(&text, SPAN("")));
    assert_false(xtext_take_field(&text, SPAN("+")));
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_octet),
        cmocka_unit_test(test_decode),
        cmocka_unit_test(test_decode_beyond_the_cap),
        cmocka_unit_test(test_fields),
    };
    return cmocka_run_group_tests_name("xtext", tests, NULL, NULL);
}
