// SPDX-License-Identifier: ISC
// links: sendmail
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "sendmail/request.h"

// The code and the enhanced code of a refusal; "" for none.
static const char *codes(const char *refusal)
{
    static char text[10];
    memset(text, 0, sizeof text);
    if (refusal)
        memcpy(text, refusal, 9);
    return text;
}

static void commands(void **state)
{
    static const struct {
        struct span line;
        enum request_verb verb;
        const char *argument, *codes;
    } cases[] = {
        {SPAN_INIT("EHLO me"), REQUEST_EHLO, "me", ""},
        {SPAN_INIT("HELO [127.0.0.1]"), REQUEST_HELO, "[127.0.0.1]", ""},
        {SPAN_INIT("helo \t me \t"), REQUEST_HELO, "me", ""},
        {SPAN_INIT("MAIL FROM:<>"), REQUEST_MAIL, "FROM:<>", ""},
        {SPAN_INIT("rcpt TO:<b@example.net> X"), REQUEST_RCPT, "TO:<b@example.net> X", ""},
        {SPAN_INIT("DATA"), REQUEST_DATA, "", ""},
        {SPAN_INIT("data  "), REQUEST_DATA, "", ""},
        {SPAN_INIT("BDAT 5 LAST"), REQUEST_BDAT, "5 LAST", ""},
        {SPAN_INIT("RSET"), REQUEST_RSET, "", ""},
        {SPAN_INIT("NOOP"), REQUEST_NOOP, "", ""},
        {SPAN_INIT("NOOP and more"), REQUEST_NOOP, "and more", ""},
        {SPAN_INIT("VRFY root"), REQUEST_VRFY, "root", ""},
        {SPAN_INIT("EXPN root"), REQUEST_EXPN, "root", ""},
        {SPAN_INIT("HELP"), REQUEST_HELP, "", ""},
        {SPAN_INIT("HELP MAIL"), REQUEST_HELP, "MAIL", ""},
        {SPAN_INIT("QUIT"), REQUEST_QUIT, "", ""},
        {SPAN_INIT("AUTH PLAIN AGEAYg=="), REQUEST_AUTH, "PLAIN AGEAYg==", ""},
        {SPAN_INIT("STARTTLS"), REQUEST_STARTTLS, "", ""},
        // refused
        {SPAN_INIT(""), REQUEST_UNKNOWN, "", "500 5.5.2"},
        {SPAN_INIT("  "), REQUEST_UNKNOWN, "", "500 5.5.2"},
        {SPAN_INIT(" QUIT"), REQUEST_UNKNOWN, "", "500 5.5.2"},
        {SPAN_INIT("QUITE"), REQUEST_UNKNOWN, "", "500 5.5.2"},
        {SPAN_INIT("QUI"), REQUEST_UNKNOWN, "", "500 5.5.2"},
        {SPAN_INIT("MAILFROM:<>"), REQUEST_UNKNOWN, "", "500 5.5.2"},
        {SPAN_INIT("Subject: hello"), REQUEST_UNKNOWN, "", "500 5.5.2"},
        {SPAN_INIT("QUIT\0"), REQUEST_UNKNOWN, "", "500 5.5.2"},
        {SPAN_INIT("NOOP a\rMAIL"), REQUEST_UNKNOWN, "", "500 5.5.2"},
        {SPAN_INIT("NOOP \x7f"), REQUEST_UNKNOWN, "", "500 5.5.2"},
        {SPAN_INIT("EHLO"), REQUEST_EHLO, "", "501 5.5.4"},
        {SPAN_INIT("HELO "), REQUEST_HELO, "", "501 5.5.4"},
        {SPAN_INIT("MAIL"), REQUEST_MAIL, "", "501 5.5.4"},
        {SPAN_INIT("BDAT"), REQUEST_BDAT, "", "501 5.5.4"},
        {SPAN_INIT("VRFY"), REQUEST_VRFY, "", "501 5.5.4"},
        {SPAN_INIT("DATA now"), REQUEST_DATA, "now", "501 5.5.4"},
        {SPAN_INIT("RSET it"), REQUEST_RSET, "it", "501 5.5.4"},
        {SPAN_INIT("QUIT now"), REQUEST_QUIT, "now", "501 5.5.4"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct request r;
        assert_string_equal(codes(request_parse(&r, cases[i].line)), cases[i].codes);
        assert_int_equal(r.verb, cases[i].verb);
        if (!*cases[i].codes)
            assert_true(span_equal(r.argument, span_of(cases[i].argument)));
    }
}

struct path_case {
    const char *argument, *mailbox, *options;
    uint64_t size;
    const char *codes;
};

static void check_paths(const struct path_case *cases, size_t n, enum request_verb verb)
{
    struct request_path p;
    request_path_init(&p);
    for (size_t i = 0; i < n; i++) {
        const char *bad = request_path_parse(&p, verb, span_of(cases[i].argument));
        if (strcmp(codes(bad), cases[i].codes) != 0)
            fail_msg("%s: %s", cases[i].argument, bad ? bad : "accepted");
        if (bad)
            continue;
        assert_string_equal(buf_str(&p.mailbox), cases[i].mailbox);
        assert_string_equal(buf_str(&p.options), cases[i].options);
        assert_int_equal(p.size, cases[i].size);
    }
    request_path_free(&p);
}

static void senders(void **state)
{
    static const struct path_case cases[] = {
        {"FROM:<ada@example.org>", "ada@example.org", "", 0, ""},
        {"from:<ada@example.org>", "ada@example.org", "", 0, ""},
        {"FROM: <ada@example.org>", "ada@example.org", "", 0, ""},
        {"FROM :<ada@example.org>", "ada@example.org", "", 0, ""},
        {"FROM:<>", "", "", 0, ""},
        {"FROM:<> SIZE=12", "", "", 12, ""},
        {"FROM:<root>", "root", "", 0, ""},
        // sendmail takes them without brackets
        {"FROM:ada@example.org", "ada@example.org", "", 0, ""},
        {"FROM: root SIZE=1", "root", "", 1, ""},
        {"FROM:<\"a b\"@example.org>", "\"a b\"@example.org", "", 0, ""},
        {"FROM:<\"a>b\"@example.org>", "\"a>b\"@example.org", "", 0, ""},
        {"FROM:<\"a\\\">b\"@example.org>", "\"a\\\">b\"@example.org", "", 0, ""},
        {"FROM:<@hop.example,@hop2.example:ada@example.org>", "ada@example.org", "", 0, ""},
        {"FROM:<ada@[127.0.0.1]>", "ada@[127.0.0.1]", "", 0, ""},
        {"FROM:<\xc3\xa4@example.org> SMTPUTF8", "\xc3\xa4@example.org", "SMTPUTF8", 0, ""},
        // parameters
        {"FROM:<a@b.example> BODY=8BITMIME", "a@b.example", "BODY=8BITMIME", 0, ""},
        {"FROM:<a@b.example> body=7bit size=18446744073709551615", "a@b.example", "",
         UINT64_MAX, ""},
        {"FROM:<a@b.example> ret=hdrs  ENVID=QQ+2B1 ", "a@b.example", "RET=HDRS ENVID=QQ+2B1",
         0, ""},
        {"FROM:<a@b.example>\tRET=FULL", "a@b.example", "RET=FULL", 0, ""},
        {"FROM:<a@b.example> RET=all", "", "", 0, "501 5.5.4"},
        {"FROM:<a@b.example> RET", "", "", 0, "501 5.5.4"},
        {"FROM:<a@b.example> RET=FULL RET=HDRS", "", "", 0, "501 5.5.4"},
        {"FROM:<a@b.example> ENVID=", "", "", 0, "501 5.5.4"},
        {"FROM:<a@b.example> ENVID=a=b", "", "", 0, "501 5.5.4"},
        {"FROM:<a@b.example> SIZE=", "", "", 0, "501 5.5.4"},
        {"FROM:<a@b.example> SIZE=-1", "", "", 0, "501 5.5.4"},
        {"FROM:<a@b.example> SIZE=18446744073709551616", "", "", 0, "501 5.5.4"},
        {"FROM:<a@b.example> SIZE=000000000000000000001", "", "", 0, "501 5.5.4"},
        {"FROM:<a@b.example> BODY=BINARYMIME", "", "", 0, "501 5.5.4"},
        {"FROM:<a@b.example> SMTPUTF8=yes", "", "", 0, "501 5.5.4"},
        {"FROM:<a@b.example> SMTPUTF8=", "", "", 0, "501 5.5.4"},
        {"FROM:<a@b.example> AUTH=<>", "", "", 0, "555 5.5.4"},
        {"FROM:<a@b.example> NOTIFY=NEVER", "", "", 0, "555 5.5.4"},
        {"FROM:<a@b.example> =", "", "", 0, "555 5.5.4"},
        // addresses that are none
        {"FROM:", "", "", 0, "501 5.5.4"},
        {"FROM", "", "", 0, "501 5.5.4"},
        {"FROM <a@b.example>", "", "", 0, "501 5.5.4"},
        {"TO:<a@b.example>", "", "", 0, "501 5.5.4"},
        {"<a@b.example>", "", "", 0, "501 5.5.4"},
        {"FROM:<a@b.example", "", "", 0, "501 5.5.4"},
        {"FROM:<\"a@b.example>", "", "", 0, "501 5.5.4"},
        {"FROM:<a@b.example>SIZE=1", "", "", 0, "501 5.5.4"},
        {"FROM:<a@b.example\\>", "", "", 0, "501 5.5.4"},
        {"FROM:<a@@b.example>", "", "", 0, "553 5.1.7"},
        {"FROM:<a@b.example,c@d.example>", "", "", 0, "553 5.1.7"},
        {"FROM:a@b.example,c@d.example", "", "", 0, "553 5.1.7"},
        {"FROM:<<a@b.example>>", "", "", 0, "501 5.5.4"},
        {"FROM:<Sam <a@b.example> >", "", "", 0, "553 5.1.7"},
        {"FROM:<a b@c.example>", "", "", 0, "553 5.1.7"},
        {"FROM:<a\tb@c.example>", "", "", 0, "553 5.1.7"},
    };
    (void)state;
    check_paths(cases, sizeof cases / sizeof *cases, REQUEST_MAIL);
}

static void recipients(void **state)
{
    static const struct path_case cases[] = {
        {"TO:<bob@example.net>", "bob@example.net", "", 0, ""},
        {"to: <bob@example.net>", "bob@example.net", "", 0, ""},
        {"TO:<postmaster>", "postmaster", "", 0, ""},
        {"TO:root", "root", "", 0, ""},
        {"TO:<bob@example.net> NOTIFY=success,failure ORCPT=rfc822;Bob@example.net",
         "bob@example.net", "NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Bob@example.net", 0, ""},
        {"TO:<bob@example.net> ORCPT=rfc822;b+40x NOTIFY=NEVER", "bob@example.net",
         "ORCPT=rfc822;b+40x NOTIFY=NEVER", 0, ""},
        {"TO:<bob@example.net> NOTIFY=never,delay", "", "", 0, "501 5.5.4"},
        {"TO:<bob@example.net> NOTIFY=", "", "", 0, "501 5.5.4"},
        {"TO:<bob@example.net> ORCPT=bob", "", "", 0, "501 5.5.4"},
        {"TO:<bob@example.net> ORCPT=rfc822;a ORCPT=rfc822;b", "", "", 0, "501 5.5.4"},
        {"TO:<bob@example.net> SIZE=3", "", "", 0, "555 5.5.4"},
        {"TO:<>", "", "", 0, "553 5.1.3"},
        {"TO:", "", "", 0, "501 5.5.4"},
        {"FROM:<bob@example.net>", "", "", 0, "501 5.5.4"},
        {"TO:<bob@>", "", "", 0, "553 5.1.3"},
        {"TO:<@example.net>", "", "", 0, "553 5.1.3"},
        {"TO:<bob@example.net> <carl@example.net>", "", "", 0, "555 5.5.4"},
    };
    (void)state;
    check_paths(cases, sizeof cases / sizeof *cases, REQUEST_RCPT);
}

static void long_addresses(void **state)
{
    struct buf text = BUF_INIT(4096);
    struct request_path p;
    (void)state;
    request_path_init(&p);
    for (size_t n = 1000; n < 1040; n++) {
        buf_clear(&text);
        buf_puts(&text, "TO:<");
        for (size_t i = 0; i < n - 10; i++)
            buf_putc(&text, 'x');
        buf_puts(&text, "@b.example>");
        assert_string_equal(codes(request_path_parse(&p, REQUEST_RCPT, buf_span(&text))),
                            n <= 1024 ? "" : "553 5.1.3");
    }
    buf_free(&text);
    request_path_free(&p);
}

static void chunks(void **state)
{
    static const struct {
        const char *argument;
        uint64_t octets;
        bool last, good;
    } cases[] = {
        {"0", 0, false, true},
        {"0 LAST", 0, true, true},
        {"86400", 86400, false, true},
        {"12  last", 12, true, true},
        {"18446744073709551615 LAST", UINT64_MAX, true, true},
        {"18446744073709551616", 0, false, false},
        {"LAST", 0, false, false},
        {"-1", 0, false, false},
        {"1k", 0, false, false},
        {"12 FIRST", 0, false, false},
        {"12 LAST 13", 0, false, false},
        {"", 0, false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t octets;
        bool last;
        const char *bad = request_chunk(span_of(cases[i].argument), &octets, &last);
        assert_string_equal(codes(bad), cases[i].good ? "" : "501 5.5.4");
        if (bad)
            continue;
        assert_int_equal(octets, cases[i].octets);
        assert_int_equal(last, cases[i].last);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands),   cmocka_unit_test(senders),
        cmocka_unit_test(recipients), cmocka_unit_test(long_addresses),
        cmocka_unit_test(chunks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
