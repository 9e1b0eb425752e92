// SPDX-License-Identifier: ISC
// links: smtp
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/base64.h"

// RFC 4648, 10, and an initial response of PLAIN.
static const struct {
    struct span octets;
    const char *text;
} cases[] = {
    {{"", 0}, ""},
    {{"f", 1}, "Zg=="},
    {{"fo", 2}, "Zm8="},
    {{"foo", 3}, "Zm9v"},
    {{"foob", 4}, "Zm9vYg=="},
    {{"fooba", 5}, "Zm9vYmE="},
    {{"foobar", 6}, "Zm9vYmFy"},
    {{"\0user\0pass", 10}, "AHVzZXIAcGFzcw=="},
    {{"\xfb\xff\xfe", 3}, "+//+"},
};

static const char *const invalid[] = {
    "Z",        "Zg",   "Zg=",    "Zg===", "Zh==", "Zm9=",  "=",    "====",
    "Zg==Zg==", "Z=g=", "Zm9v\n", "Zm 9",  "Zm9-", "Zm9vZ", "    ", "Zg==    ",
};

static void test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = BUF_INIT(100);
        base64_encode(&out, cases[i].octets);
        assert_string_equal(buf_str(&out), cases[i].text);
        assert_int_equal(out.n, base64_length(cases[i].octets.n));
        buf_clear(&out);
        assert_true(base64_decode(&out, span_of(cases[i].text)));
        assert_true(span_equal(buf_span(&out), cases[i].octets));
        buf_free(&out);
    }
}

static void test_invalid(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
        struct buf out = BUF_INIT(100);
        buf_puts(&out, "kept");
        if (base64_decode(&out, span_of(invalid[i])))
            fail_msg("'%s' was taken", invalid[i]);
        assert_string_equal(buf_str(&out), "kept");
        buf_free(&out);
    }
    struct buf out = BUF_INIT(100);
    assert_false(base64_decode(&out, (struct span){"Zm9\0", 4}));
    buf_free(&out);
}

static void test_too_long(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(4);
    assert_false(base64_decode(&out, SPAN("Zm9vYmFy")));
    assert_int_equal(out.n, 0);
    buf_free(&out);
}

static void test_random(void **state)
{
    (void)state;
    srand(2);
    for (int round = 0; round < 2000; round++) {
        char octets[64];
        size_t n = (size_t)rand() % sizeof octets;
        for (size_t i = 0; i < n; i++)
            octets[i] = (char)rand();
        struct buf text = BUF_INIT(200), back = BUF_INIT(200);
        base64_encode(&text, (struct span){octets, n});
        assert_true(base64_decode(&back, buf_span(&text)));
        assert_true(span_equal(buf_span(&back), (struct span){octets, n}));
        buf_free(&text);
        buf_free(&back);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_invalid),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
