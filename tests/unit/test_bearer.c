// SPDX-License-Identifier: ISC
// links: submit
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "message/outcome.h"
#include "submit/auth/bearer.h"

static void assert_buf(const struct buf *got, struct span wanted)
{
    assert_int_equal(got->n, wanted.n);
    assert_memory_equal(buf_str(got), wanted.p, wanted.n);
}

static void initial_responses(void **state)
{
    struct buf out = BUF_INIT(4096);
    (void)state;
    // RFC 7628, 4.1 (there by IMAP).
    bearer_oauth(&out, "user@example.com", "server.example.com", 143,
                 SPAN("vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="));
    assert_buf(&out, SPAN("n,a=user@example.com,\001host=server.example.com\001port=143\001"
                          "auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\001\001"));
    buf_clear(&out);
    bearer_oauth(&out, "a,b=c", "h", 65535, SPAN("t"));
    assert_buf(&out, SPAN("n,a=a=2Cb=3Dc,\001host=h\001port=65535\001auth=Bearer t\001\001"));
    buf_clear(&out);
    bearer_oauth(&out, "", "h", 587, SPAN("t"));
    assert_buf(&out, SPAN("n,,\001host=h\001port=587\001auth=Bearer t\001\001"));
    buf_clear(&out);
    bearer_xoauth2(&out, "someuser@example.com",
                   SPAN("ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGE"
                        "uY29tCg"));
    assert_buf(&out, SPAN("user=someuser@example.com\001auth=Bearer ya29.vF9dft4qmTc2Nvb3Rlck"
                          "BhdHRhdmlzdGEuY29tCg\001\001"));
    buf_free(&out);
}

static void tokens(void **state)
{
    static const struct {
        struct span token;
        bool good;
    } cases[] = {
        {SPAN_INIT("ya29.a-b_c~d+e/f=="), true},
        {SPAN_INIT("EwB{odd}!\"but,visible"), true},
        {SPAN_INIT(""), false},
        {SPAN_INIT("a b"), false},
        {SPAN_INIT("a\n"), false},
        {SPAN_INIT("a\001user=b"), false},
        {SPAN_INIT("a\0b"), false},
        {SPAN_INIT("a\x7f"), false},
        {SPAN_INIT("\xc3\xa9"), false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(bearer_is_token(cases[i].token), cases[i].good);
}

static const struct {
    struct span challenge;
    const char *words;
} complaints[] = {
    // RFC 7628, 4.3.
    {SPAN_INIT("{\"status\":\"invalid_token\",\"scope\":\"example_scope\","
               "\"openid-configuration\":\"https://example.com/.well-known/openid-config\"}"),
     "status invalid_token, wants scope example_scope"},
    // Google's.
    {SPAN_INIT("{\"status\":\"400\",\"schemes\":\"Bearer\","
               "\"scope\":\"https://mail.google.com/\"}"),
     "status 400, wants scope https://mail.google.com/"},
    {SPAN_INIT(" { \"scope\" : \"mail\" ,\r\n\t\"status\" : 401 } \n"),
     "status 401, wants scope mail"},
    {SPAN_INIT("{\"status\":\"invalid_token\",\"error_description\":\"it \\\"expired\\\"\"}"),
     "status invalid_token, it \\\"expired\\\""},
    {SPAN_INIT("{\"status\":\"a\",\"x\":true,\"y\":null,\"z\":-1.5e+3}"), "status a"},
    {SPAN_INIT("{\"status\":\"evil\033[31m\r\nline\"}"), "status evil?[31m  line"},
    // What is none is told as it is.
    {SPAN_INIT(""), ""},
    {SPAN_INIT("no JSON\001"), "no JSON?"},
    {SPAN_INIT("{}"), "{}"},
    {SPAN_INIT("{\"status\":\"a\""), "{\"status\":\"a\""},
    {SPAN_INIT("{\"status\":\"a\"} b"), "{\"status\":\"a\"} b"},
    {SPAN_INIT("{\"status\":\"a\",}"), "{\"status\":\"a\",}"},
    {SPAN_INIT("{\"status\":{\"status\":\"a\"}}"), "{\"status\":{\"status\":\"a\"}}"},
    {SPAN_INIT("{\"status\":\"a\\\"}"), "{\"status\":\"a\\\"}"},
    {SPAN_INIT("{\"status\":\"\\"), "{\"status\":\"\\"},
    {SPAN_INIT("{\"status\":}"), "{\"status\":}"},
    {SPAN_INIT("{\"other\":\"a\"}"), "{\"other\":\"a\"}"},
};

static void complaints_in_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof complaints / sizeof *complaints; i++) {
        struct buf out = BUF_INIT(512);
        bearer_complaint(&out, complaints[i].challenge);
        assert_string_equal(buf_str(&out), complaints[i].words);
        buf_free(&out);
    }
}

// Cut anywhere, and at the very end of its memory, it is told all the same, and not too long.
static void cut_complaints(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof complaints / sizeof *complaints; i++)
        for (size_t n = 0; n <= complaints[i].challenge.n; n++) {
            struct buf out = BUF_INIT(512);
            char *exact = malloc(n ? n : 1);
            assert_non_null(exact);
            if (n)
                memcpy(exact, complaints[i].challenge.p, n);
            bearer_complaint(&out, (struct span){exact, n});
            assert_true(out.n < OUTCOME_TEXT_MAX - 60);
            free(exact);
            buf_free(&out);
        }
}

static void long_complaint(void **state)
{
    static char text[9000];
    struct buf out = BUF_INIT(512);
    (void)state;
    memset(text, 'x', sizeof text);
    memcpy(text, "{\"status\":\"", 11);
    memcpy(text + sizeof text - 2, "\"}", 2);
    bearer_complaint(&out, (struct span){text, sizeof text});
    assert_memory_equal(buf_str(&out), "status xxx", 10);
    assert_int_equal(out.n, 120);
    assert_false(out.over);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(initial_responses),   cmocka_unit_test(tokens),
        cmocka_unit_test(complaints_in_words), cmocka_unit_test(cut_complaints),
        cmocka_unit_test(long_complaint),
    };
    return cmocka_run_group_tests_name("bearer", tests, NULL, NULL);
}
