// SPDX-License-Identifier: ISC
// links: smtp
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/ehlo.h"
#include "smtp/reply.h"

static const struct {
    const char *text;
    unsigned capabilities;
    uint64_t size, mail_max, rcpt_max, rcpt_domain_max;
    const char *mechanisms;
} cases[] = {
    {"", 0, 0, 0, 0, 0, ""},
    {"here", 0, 0, 0, 0, 0, ""},
    {"PIPELINING", 0, 0, 0, 0, 0, ""}, // the first line is a greeting
    {"here\nPIPELINING\n8bitmime\nStartTLS", EHLO_PIPELINING | EHLO_8BITMIME | EHLO_STARTTLS, 0,
     0, 0, 0, ""},
    {"here\nDSN\nSMTPUTF8\nCHUNKING\nBINARYMIME\nENHANCEDSTATUSCODES\nREQUIRETLS",
     EHLO_DSN | EHLO_SMTPUTF8 | EHLO_CHUNKING | EHLO_BINARYMIME | EHLO_ENHANCEDSTATUSCODES |
         EHLO_REQUIRETLS,
     0, 0, 0, 0, ""},
    {"here\nSIZE 35882577", EHLO_SIZE, 35882577, 0, 0, 0, ""},
    {"here\nSIZE", EHLO_SIZE, 0, 0, 0, 0, ""},
    {"here\nSIZE 0", EHLO_SIZE, 0, 0, 0, 0, ""},
    {"here\nSIZE 12k", EHLO_SIZE, 0, 0, 0, 0, ""},
    {"here\nSIZE 99999999999999999999999", EHLO_SIZE, 0, 0, 0, 0, ""},
    {"here\nSIZEX 5\nXSIZE 5\nPIPELINING2", 0, 0, 0, 0, 0, ""},
    {"here\nAUTH LOGIN PLAIN XOAUTH2", EHLO_AUTH, 0, 0, 0, 0, "LOGIN PLAIN XOAUTH2"},
    {"here\nAUTH=LOGIN PLAIN", EHLO_AUTH, 0, 0, 0, 0, "LOGIN PLAIN"},
    {"here\nAUTH login plain\nAUTH=PLAIN scram-sha-256", EHLO_AUTH, 0, 0, 0, 0,
     "LOGIN PLAIN SCRAM-SHA-256"},
    {"here\nAUTH", EHLO_AUTH, 0, 0, 0, 0, ""},
    {"here\nAUTH PL?IN AAAAAAAAAAAAAAAAAAAAA BBBBBBBBBBBBBBBBBBBB", EHLO_AUTH, 0, 0, 0, 0,
     "BBBBBBBBBBBBBBBBBBBB"},
    {"here\nLIMITS RCPTMAX=20 MAILMAX=5 rcptdomainmax=1 X=9", EHLO_LIMITS, 0, 5, 20, 1, ""},
    {"here\nLIMITS RCPTMAX=0 MAILMAX=x RCPTDOMAINMAX RCPTMAX", EHLO_LIMITS, 0, 0, 0, 0, ""},
    {"here\n\n \nDSN extra words", EHLO_DSN, 0, 0, 0, 0, ""},
};

static void check(const struct ehlo *e, size_t c)
{
    assert_int_equal(e->capabilities, cases[c].capabilities);
    assert_int_equal(e->size, cases[c].size);
    assert_int_equal(e->mail_max, cases[c].mail_max);
    assert_int_equal(e->rcpt_max, cases[c].rcpt_max);
    assert_int_equal(e->rcpt_domain_max, cases[c].rcpt_domain_max);
    assert_string_equal(e->mechanisms, cases[c].mechanisms);
}

static void test_table(void **state)
{
    (void)state;
    struct ehlo e;
    memset(&e, 0xff, sizeof e);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        ehlo_parse(&e, span_of(cases[c].text));
        check(&e, c);
    }
}

// As lines on the wire, byte by byte and split at every offset.
static void test_through_reply(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct buf wire = BUF_INIT(4096);
        struct span rest = span_of(cases[c].text), line;
        while (span_cut(&rest, '\n', &line)) {
            buf_puts(&wire, rest.p ? "250-" : "250 ");
            buf_put_span(&wire, line);
            buf_puts(&wire, "\r\n");
        }
        for (size_t at = 0; at < wire.n; at++) {
            struct reply r;
            struct ehlo e;
            size_t used;
            reply_init(&r);
            assert_int_equal(reply_push(&r, wire.p, at, &used), REPLY_MORE);
            assert_int_equal(reply_push(&r, wire.p + at, wire.n - at, &used), REPLY_DONE);
            ehlo_parse(&e, buf_span(&r.text));
            check(&e, c);
            reply_free(&r);
        }
        buf_free(&wire);
    }
}

static void test_many_mechanisms(void **state)
{
    (void)state;
    struct buf text = BUF_INIT(100000);
    struct ehlo e;
    buf_puts(&text, "here\nAUTH");
    for (int i = 0; i < 1000; i++)
        buf_printf(&text, " MECHANISM-%d", i);
    ehlo_parse(&e, buf_span(&text));
    assert_true(strlen(e.mechanisms) <= EHLO_MECHANISMS_MAX);
    assert_memory_equal(e.mechanisms, "MECHANISM-0 MECHANISM-1 ", 24);
    buf_free(&text);
}

static void test_keywords(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < EHLO_BITS; bit++) {
        struct buf text = BUF_INIT(100);
        struct ehlo e;
        buf_printf(&text, "here\n%s", ehlo_keyword(bit));
        ehlo_parse(&e, buf_span(&text));
        assert_int_equal(e.capabilities, 1U << bit);
        assert_true(ehlo_has(&e, (enum ehlo_capability)(1U << bit)));
        assert_false(ehlo_has(&e, (enum ehlo_capability)(1U << ((bit + 1) % EHLO_BITS))));
        buf_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_through_reply),
        cmocka_unit_test(test_many_mechanisms),
        cmocka_unit_test(test_keywords),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
