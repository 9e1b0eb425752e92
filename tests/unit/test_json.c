// SPDX-License-Identifier: ISC
// links: base
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

static void test_object(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(1000);
    json_open(&out, NULL, '{');
    json_text(&out, "a", SPAN("x"));
    json_number(&out, "n", -9007199254740993);
    json_open(&out, "list", '[');
    json_close(&out, ']');
    json_open(&out, "more", '[');
    json_text(&out, NULL, SPAN("["));
    json_number(&out, NULL, 2);
    json_open(&out, NULL, '{');
    json_null(&out, "z");
    json_close(&out, '}');
    json_open(&out, NULL, '{');
    json_close(&out, '}');
    json_close(&out, ']');
    json_close(&out, '}');
    assert_string_equal(buf_str(&out), "{\"a\":\"x\",\"n\":-9007199254740993,\"list\":[],"
                                       "\"more\":[\"[\",2,{\"z\":null},{}]}");
    buf_putc(&out, '\n');
    json_open(&out, NULL, '{');
    assert_string_equal(strchr(buf_str(&out), '\n'), "\n{");
    buf_free(&out);
}

static const struct {
    const char *text;
    size_t n;
    const char *want;
} texts[] = {
    {"", 0, "\"\""},
    {"a\"b\\c", 5, "\"a\\\"b\\\\c\""},
    {"a\nb\tc\0d", 7, "\"a b c?d\""},
    {"\x1b[2J", 4, "\"?[2J\""},
    {"gr\xc3\xbc\xc3\x9f", 6, "\"gr\xc3\xbc\xc3\x9f\""},
    {"\xc3", 1, "\"?\""},
    {"\xe2\x80\xae"
     "x",
     4, "\"?x\""},
    {"\xc2\x9b", 2, "\"?\""},
};

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct buf out = BUF_INIT(1000);
        json_text(&out, NULL, (struct span){texts[i].text, texts[i].n});
        assert_string_equal(buf_str(&out), texts[i].want);
        buf_free(&out);
    }
}

// Whatever octets go in: no control comes out, and every quote within is escaped.
static void test_all_octets(void **state)
{
    (void)state;
    for (int a = 0; a < 256; a++) {
        for (int b = 0; b < 256; b++) {
            char in[2] = {(char)a, (char)b};
            struct buf out = BUF_INIT(100);
            json_text(&out, "k", (struct span){in, 2});
            assert_true(out.n >= 6 && strncmp(out.p, "\"k\":\"", 5) == 0);
            for (size_t i = 5; i + 1 < out.n; i++) {
                assert_false(text_is_control(out.p[i]) || out.p[i] == '"');
                i += out.p[i] == '\\';
                assert_true(i + 1 < out.n);
            }
            assert_int_equal(out.p[out.n - 1], '"');
            buf_free(&out);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_object),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_all_octets),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
