// SPDX-License-Identifier: ISC
// links: sendmail
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "sendmail/dsn.h"

static void assert_value(const char *got, const char *want)
{
    if (want) {
        assert_non_null(got);
        assert_string_equal(got, want);
    } else {
        assert_null(got);
    }
}

static void notify(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"never", "NEVER"},
        {"NEVER", "NEVER"},
        {"success", "SUCCESS"},
        {"Delay", "DELAY"},
        {"failure,delay", "FAILURE,DELAY"},
        {"delay,failure", "FAILURE,DELAY"},
        {"success,delay,failure", "SUCCESS,FAILURE,DELAY"},
        {"delay,success", "SUCCESS,DELAY"},
        {"success,failure", "SUCCESS,FAILURE"},
        {"failure,failure", "FAILURE"},
        {"failure, delay", "FAILURE,DELAY"},
        {"", NULL},
        {",", NULL},
        {"failure,", NULL},
        {"never,failure", NULL},
        {"failure,never", NULL},
        {"failures", NULL},
        {"failure;delay", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_value(dsn_notify(span_of(cases[i].in)), cases[i].out);
}

static void ret(void **state)
{
    (void)state;
    assert_value(dsn_ret(SPAN("full")), "FULL");
    assert_value(dsn_ret(SPAN("HDRS")), "HDRS");
    assert_value(dsn_ret(SPAN("")), NULL);
    assert_value(dsn_ret(SPAN("headers")), NULL);
    assert_value(dsn_ret(SPAN("full ")), NULL);
}

static void envid(void **state)
{
    char text[102];
    (void)state;
    memset(text, 'x', sizeof text);
    assert_true(dsn_envid(SPAN("QQ314159")));
    assert_true(dsn_envid(SPAN("a+20b+2B+3D")));
    assert_true(dsn_envid((struct span){text, 100}));
    assert_false(dsn_envid((struct span){text, 101}));
    assert_false(dsn_envid(SPAN("")));
    assert_false(dsn_envid(SPAN("a b")));
    assert_false(dsn_envid(SPAN("a=b")));
    assert_false(dsn_envid(SPAN("a+2")));
    assert_false(dsn_envid(SPAN("a\r\nb")));
    assert_false(dsn_envid(SPAN("\xc3\xa4")));
}

static void orcpt(void **state)
{
    static const struct {
        const char *in;
        bool good;
    } cases[] = {
        {"rfc822;bob@example.net", true},
        {"RFC822;Bob+40Old@example.net", true},
        {"x400;/C+3Dde", true},
        {"utf-8;b\\x{E4}r@example.net", true},
        {"utf-8;a=b@example.net", true},
        {"rfc822;a=b@example.net", false},
        {"rfc822;a+4", false},
        {"rfc822;", false},
        {";bob@example.net", false},
        {"rfc822", false},
        {"", false},
        {"rfc822;b\xc3\xa4r@example.net", false},
        {"utf-8;b\xc3\xa4r@example.net", false},
        {"rfc822;a b", false},
    };
    char text[502];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (dsn_orcpt(span_of(cases[i].in)) != cases[i].good)
            fail_msg("ORCPT=%s", cases[i].in);
    memset(text, 'x', sizeof text);
    text[1] = ';';
    assert_true(dsn_orcpt((struct span){text, 500}));
    assert_false(dsn_orcpt((struct span){text, 501}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notify),
        cmocka_unit_test(ret),
        cmocka_unit_test(envid),
        cmocka_unit_test(orcpt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
