// SPDX-License-Identifier: ISC
// links: smtp
// The prelude and the ends of a session. Transactions are in test_transaction.c.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "unit/smtp_server.h"

#define TLS_CAPS "250-STARTTLS\r\n250-AUTH PLAIN\r\n250 PIPELINING"

// What we are to do, and what the server can do.
struct how {
    enum smtp_tls tls;
    bool auth, plaintext_auth;
    const char *capabilities;
};

struct prelude {
    const struct how *how;
    const char *helo, *greeting; // NULL for the usual ones
    struct rule rules[4];
    const char *log;
};

// One message to one recipient, or as far as it goes.
static void run_prelude(const struct prelude *p, size_t feed_size, size_t sent_size)
{
    struct talk t;
    struct mails m;
    mails_init(&m, 1, 1);
    talk_init(&t, p->how->capabilities, p->rules);
    talk_mails(&t, &m);
    t.options.tls = p->how->tls;
    t.options.auth = p->how->auth;
    t.options.plaintext_auth = p->how->plaintext_auth;
    if (p->helo)
        t.options.helo = p->helo;
    if (p->greeting)
        t.server.greeting = p->greeting;
    t.feed_size = feed_size;
    t.sent_size = sent_size;
    assert_string_equal(talk_run(&t), p->log);
    talk_free(&t);
    mails_free(&m);
}

#define HELLO     "> EHLO client.example\n"
#define UP        "> STARTTLS\n"
#define STARTTLS  HELLO UP HELLO
#define ASKED     HELLO "> AUTH PLAIN AHVzZXIAc2VjcmV0\n"
#define LOGIN     "> AUTH PLAIN AHVzZXIAc2VjcmV0\nauth: delivered session 235 2.7.0 welcome\n"
#define MAIL      "> MAIL FROM:<a1@b>\n> RCPT TO:<r0@x>\n> DATA\n"
#define SENT      "> .\n> QUIT\nmessage 1: delivered message 250 2.0.0 taken\n"
#define ALONE     "> .\nmessage 1: delivered message 250 2.0.0 taken\n> QUIT\n"
#define LOST(why) "session: deferred session 0 " why "\n"

static const struct how starttls = {SMTP_TLS_STARTTLS, true, false, TLS_CAPS},
                        no_login = {SMTP_TLS_STARTTLS, false, false, TLS_CAPS},
                        implicit = {SMTP_TLS_IMPLICIT, true, false, TLS_CAPS},
                        clear = {SMTP_TLS_NONE, false, false, ""},
                        old = {SMTP_TLS_NONE, false, false, NULL};

static const struct prelude preludes[] = {
    // as it should be
    {.how = &starttls, .log = STARTTLS LOGIN MAIL SENT},
    {.how = &no_login, .log = STARTTLS MAIL SENT},
    {.how = &implicit, .log = HELLO LOGIN MAIL SENT},
    {.how = &(struct how){SMTP_TLS_NONE, false, false, TLS_CAPS}, .log = HELLO MAIL SENT},
    {.how = &(struct how){SMTP_TLS_NONE, true, true, TLS_CAPS}, .log = HELLO LOGIN MAIL SENT},
    {.how = &clear, .log = HELLO MAIL ALONE},
    {.how = &clear, .helo = "[127.0.0.1]", .log = "> EHLO [127.0.0.1]\n" MAIL ALONE},
    {.how = &clear, .greeting = "220-slow\r\n220-server\r\n220 here", .log = HELLO MAIL ALONE},
    // the greeting
    {.how = &clear,
     .greeting = "554 5.7.1 go away",
     .log = "session: deferred session 554 5.7.1 go away\n"},
    {.how = &clear,
     .greeting = "421 later",
     .log = "session: deferred session 421 4.0.0 later\n"},
    {.how = &clear,
     .greeting = "250 odd",
     .log = LOST("4.5.0 unexpected reply to greeting: 250")},
    {.how = &clear,
     .greeting = "SSH-2.0-x",
     .log = LOST("4.5.0 the reply to greeting is not SMTP")},
    {.how = &clear,
     .greeting = SILENCE,
     .log = LOST("4.4.2 timeout while waiting for greeting")},
    {.how = &clear,
     .greeting = HANGUP,
     .log = LOST("4.4.2 connection closed while waiting for greeting")},
    // EHLO
    {.how = &old, .log = HELLO "> HELO client.example\n" MAIL ALONE},
    {.how = &old,
     .rules = {{"HELO", 0, "504 no", 0}},
     .log = HELLO "> HELO client.example\nsession: deferred session 504 5.0.0 no\n"},
    {.how = &(struct how){SMTP_TLS_NONE, true, true, NULL},
     .log = HELLO "session: deferred session 500 5.5.1 what?\n"},
    {.how = &(struct how){SMTP_TLS_STARTTLS, false, false, NULL},
     .log = HELLO "session: deferred session 500 5.5.1 what?\n"},
    {.how = &clear,
     .rules = {{"EHLO", 0, "451 4.3.0 wait", 0}},
     .log = HELLO "session: deferred session 451 4.3.0 wait\n"},
    {.how = &clear,
     .rules = {{"EHLO", 0, "220 odd", 0}},
     .log = HELLO LOST("4.5.0 unexpected reply to EHLO: 220")},
    {.how = &clear, .helo = "two words", .log = LOST("4.5.2 helo: the name is not one word")},
    {.how = &clear, .helo = "", .log = LOST("4.5.2 helo: the name is not one word")},
    {.how = &clear, .helo = "x\r\nMAIL", .log = LOST("4.5.2 helo: the name is not one word")},
    // STARTTLS
    {.how = &(struct how){SMTP_TLS_STARTTLS, true, false, "250 AUTH PLAIN"},
     .log = HELLO LOST("4.7.4 the smarthost does not offer STARTTLS")},
    {.how = &(struct how){SMTP_TLS_STARTTLS, true, true, TLS_CAPS},
     .rules = {{"STARTTLS", 0, "454 4.7.0 no", 0}},
     .log = HELLO UP "session: deferred session 454 4.7.0 no\n"},
    {.how = &starttls,
     .rules = {{"STARTTLS", 0, "220 go\r\n250 injected", 0}},
     .log = HELLO UP LOST("4.7.0 octets before the TLS handshake: they may be anybody's")},
    {.how = &starttls,
     .rules = {{"STARTTLS", 0, "250 odd", 0}},
     .log = HELLO UP LOST("4.5.0 unexpected reply to STARTTLS: 250")},
    // what was offered in clear is forgotten
    {.how = &starttls,
     .rules = {{"EHLO", 2, "250 here", 0}},
     .log = STARTTLS LOST("4.7.4 AUTH is configured, and the smarthost does not offer it")},
    {.how = &no_login,
     .rules = {{"EHLO", 2, "500 no", 0}},
     .log = STARTTLS "> HELO client.example\n" MAIL ALONE},
    // AUTH
    {.how = &(struct how){SMTP_TLS_NONE, true, false, TLS_CAPS},
     .log = HELLO LOST("4.7.11 AUTH is configured, and the connection is not encrypted")},
    {.how = &(struct how){SMTP_TLS_IMPLICIT, true, false, "250 PIPELINING"},
     .log = HELLO LOST("4.7.4 AUTH is configured, and the smarthost does not offer it")},
    {.how = &implicit,
     .rules = {{"AUTH", 0, "535 5.7.8 bad", 0}},
     .log = ASKED "auth: deferred session 535 5.7.8 bad\n> QUIT\n"},
    {.how = &implicit,
     .rules = {{"AUTH", 0, "454 4.7.0 busy", 0}},
     .log = ASKED "auth: deferred session 454 4.7.0 busy\n> QUIT\n"},
    {.how = &implicit,
     .rules = {{"AUTH", 0, "250 odd", 0}},
     .log = ASKED LOST("4.5.0 unexpected reply to AUTH: 250")},
    {.how = &implicit,
     .rules = {{"AUTH", 0, "421 4.7.0 bye", 0}},
     .log = ASKED "session: deferred session 421 4.7.0 bye\n"},
    {.how = &implicit,
     .rules = {{"AUTH", 0, "334 Y2hhbGxlbmdl", 0}},
     .log = ASKED "challenge: challenge\n> cmVzcG9uc2U=\n"
                  "auth: delivered session 235 2.7.0 welcome\n" MAIL SENT},
    {.how = &implicit,
     .rules = {{"AUTH", 0, "334 ", 0}, {"cmVz", 0, "535 5.7.8 bad", 0}},
     .log = ASKED "challenge: \n> cmVzcG9uc2U=\n"
                  "auth: deferred session 535 5.7.8 bad\n> QUIT\n"},
    {.how = &implicit,
     .rules = {{"AUTH", 0, "334 not base64", 0}, {"*", 0, "501 5.7.0 cancelled", 0}},
     .log = ASKED "> *\n"
                  "auth: deferred session 501 5.7.0 cancelled\n> QUIT\n"},
    {.how = &implicit,
     .rules = {{"AUTH", 0, "334 not base64", 0}, {"*", 0, "235 2.7.0 welcome", 0}},
     .log = ASKED "> *\n" LOST("4.5.0 unexpected reply to AUTH: 235")},
    // QUIT may be answered by anything
    {.how = &clear, .rules = {{"QUIT", 0, SILENCE, 0}}, .log = HELLO MAIL ALONE},
    {.how = &clear, .rules = {{"QUIT", 0, "500 no", 0}}, .log = HELLO MAIL ALONE},
    {.how = &clear, .rules = {{"QUIT", 0, "421 no", 0}}, .log = HELLO MAIL ALONE},
    {.how = &clear, .rules = {{"QUIT", 0, HANGUP, 0}}, .log = HELLO MAIL ALONE},
    {.how = &clear,
     .rules = {{"QUIT", 0, "x", 0}},
     .log = HELLO MAIL ALONE LOST("4.5.0 the reply to QUIT is not SMTP")},
};

static void test_preludes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof preludes / sizeof *preludes; i++) {
        run_prelude(&preludes[i], 0, 0);
        run_prelude(&preludes[i], 0, 1);
        // Octets behind the 220 of STARTTLS are seen as such only where they come along with
        // it.
        if (!preludes[i].rules[0].prefix ||
            strncmp(preludes[i].rules[0].reply, "220 go", 6) != 0)
            for (size_t piece = 1; piece < 60; piece += piece < 10 ? 1 : 7)
                run_prelude(&preludes[i], piece, piece);
    }
}

// ---- A session driven by hand

static void feed(struct smtp *s, const char *text)
{
    size_t n = strlen(text);
    assert_int_equal(smtp_feed(s, text, n), n);
}

// What is to be sent, which is then taken as sent.
static const char *output(struct smtp *s)
{
    static char text[65536];
    struct span out = smtp_output(s);
    assert_true(out.n < sizeof text);
    if (out.n)
        memcpy(text, out.p, out.n);
    text[out.n] = '\0';
    smtp_sent(s, out.n);
    return text;
}

static void open_session(struct smtp *s, struct smtp_options *o, const char *ehlo)
{
    o->helo = "me";
    smtp_init(s, o);
    if (o->tls == SMTP_TLS_IMPLICIT)
        smtp_tls_up(s);
    assert_int_equal(smtp_wants(s), SMTP_INPUT);
    assert_int_equal(smtp_step(s), SMTP_STEP_GREETING);
    feed(s, "220 x\r\n");
    assert_string_equal(output(s), "EHLO me\r\n");
    feed(s, ehlo);
}

static void test_long_initial_response(void **state)
{
    (void)state;
    struct smtp s;
    struct smtp_options o;
    static char token[SMTP_AUTH_LINE_MAX];
    memset(token, 'x', sizeof token);
    smtp_options_init(&o);
    o.tls = SMTP_TLS_IMPLICIT;
    o.auth = true;

    // "AUTH XOAUTH2 " and CRLF leave 497 octets, which is 372 octets of response.
    open_session(&s, &o, "250-x\r\n250 AUTH XOAUTH2\r\n");
    assert_int_equal(smtp_wants(&s), SMTP_INPUT | SMTP_AUTH);
    assert_null(smtp_challenge(&s).p);
    assert_true(smtp_auth(&s, "XOAUTH2", (struct span){token, 372}, SMTP_FORM_FITTING));
    assert_int_equal(strlen(output(&s)), 13 + 496 + 2);
    smtp_free(&s);

    open_session(&s, &o, "250-x\r\n250 AUTH XOAUTH2\r\n");
    assert_true(smtp_auth(&s, "XOAUTH2", (struct span){token, 373}, SMTP_FORM_FITTING));
    assert_string_equal(output(&s), "AUTH XOAUTH2\r\n");
    assert_int_equal(smtp_wants(&s), SMTP_INPUT);
    feed(&s, "334 \r\n");
    assert_int_equal(strlen(output(&s)), 500 + 2);
    smtp_free(&s);

    open_session(&s, &o, "250-x\r\n250 AUTH XOAUTH2\r\n");
    assert_false(smtp_auth(&s, "XOAUTH2", (struct span){token, 98303}, SMTP_FORM_FITTING));
    assert_false(smtp_auth(&s, "XOAUTH2 x", SPAN(""), SMTP_FORM_FITTING));
    assert_false(smtp_auth(&s, "XOAUTH2\r\n", SPAN(""), SMTP_FORM_FITTING));
    assert_false(smtp_auth(&s, "", SPAN(""), SMTP_FORM_FITTING));
    assert_int_equal(smtp_queued(&s), 0);
    assert_true(smtp_auth(&s, "XOAUTH2", (struct span){token, 98301}, SMTP_FORM_FITTING));
    assert_string_equal(output(&s), "AUTH XOAUTH2\r\n");
    // A server that is content before it heard the response is no server to trust.
    feed(&s, "235 welcome\r\n");
    assert_int_equal(smtp_wants(&s), SMTP_EVENT | SMTP_CLOSED);
    smtp_free(&s);
}

// Along or apart, as it is asked for; and which of the two a server may have refused.
static void test_forms(void **state)
{
    static char token[12000];
    static const struct {
        const char *initial;
        size_t n;
        enum smtp_form form;
        const char *said;
        enum smtp_form went;
    } cases[] = {
        {"abc", 3, SMTP_FORM_FITTING, "AUTH XOAUTH2 YWJj\r\n", SMTP_FORM_ALONG},
        {"abc", 3, SMTP_FORM_ALONG, "AUTH XOAUTH2 YWJj\r\n", SMTP_FORM_ALONG},
        {"abc", 3, SMTP_FORM_APART, "AUTH XOAUTH2\r\n", SMTP_FORM_APART},
        {"", 0, SMTP_FORM_FITTING, "AUTH XOAUTH2 =\r\n", SMTP_FORM_ALONG},
        {"", 0, SMTP_FORM_APART, "AUTH XOAUTH2\r\n", SMTP_FORM_APART},
        {NULL, 0, SMTP_FORM_FITTING, "AUTH XOAUTH2\r\n", SMTP_FORM_FITTING},
        {NULL, 0, SMTP_FORM_ALONG, "AUTH XOAUTH2\r\n", SMTP_FORM_FITTING},
        {token, 9203, SMTP_FORM_ALONG, NULL, SMTP_FORM_ALONG},
        {token, 9204, SMTP_FORM_ALONG, NULL, SMTP_FORM_ALONG},
        {token, 9205, SMTP_FORM_ALONG, "AUTH XOAUTH2\r\n", SMTP_FORM_APART},
    };
    (void)state;
    memset(token, 'x', sizeof token);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct smtp s;
        struct smtp_options o;
        struct smtp_event e;
        struct span initial = {cases[i].initial, cases[i].n};
        smtp_options_init(&o);
        o.tls = SMTP_TLS_IMPLICIT;
        o.auth = true;
        open_session(&s, &o, "250-x\r\n250 AUTH XOAUTH2\r\n");
        assert_true(smtp_auth(&s, "XOAUTH2", initial, cases[i].form));
        const char *said = output(&s);
        assert_true(strlen(said) <= SMTP_AUTH_LINE_SAFE);
        if (cases[i].said)
            assert_string_equal(said, cases[i].said);
        feed(&s, "501 5.5.4 not so\r\n");
        assert_true(smtp_next(&s, &e));
        assert_int_equal(smtp_auth_form(&s), cases[i].went);
        assert_false(smtp_auth_garbled(&s));

        // Once there was a challenge it is not the form that is refused.
        assert_true(smtp_auth(&s, "XOAUTH2", initial, cases[i].form));
        (void)output(&s);
        feed(&s, "334 \r\n");
        if (cases[i].went == SMTP_FORM_APART && cases[i].n == 0)
            assert_string_equal(output(&s), "\r\n");
        else if (cases[i].went == SMTP_FORM_APART && cases[i].n == 3)
            assert_string_equal(output(&s), "YWJj\r\n");
        if (smtp_challenge(&s).p)
            assert_true(smtp_auth_response(&s, SPAN("")));
        (void)output(&s);
        feed(&s, "501 5.5.4 not so\r\n");
        assert_true(smtp_next(&s, &e));
        assert_int_equal(smtp_auth_form(&s), SMTP_FORM_FITTING);
        smtp_free(&s);
    }
}

static void test_garbled(void **state)
{
    (void)state;
    struct smtp s;
    struct smtp_options o;
    struct smtp_event e;
    smtp_options_init(&o);
    o.tls = SMTP_TLS_IMPLICIT;
    o.auth = true;
    open_session(&s, &o, "250-x\r\n250 AUTH LOGIN\r\n");
    assert_true(smtp_auth(&s, "LOGIN", (struct span){NULL, 0}, SMTP_FORM_FITTING));
    (void)output(&s);
    feed(&s, "334 VXN\r\n");
    assert_null(smtp_challenge(&s).p);
    assert_string_equal(output(&s), "*\r\n");
    feed(&s, "501 5.5.2 cancelled\r\n");
    assert_true(smtp_next(&s, &e));
    assert_true(smtp_auth_garbled(&s));
    assert_true(smtp_auth(&s, "LOGIN", (struct span){NULL, 0}, SMTP_FORM_FITTING));
    assert_false(smtp_auth_garbled(&s));
    smtp_free(&s);
}

static void test_initial_responses(void **state)
{
    (void)state;
    struct smtp s;
    struct smtp_options o;
    smtp_options_init(&o);
    o.tls = SMTP_TLS_IMPLICIT;
    o.auth = true;
    open_session(&s, &o, "250-x\r\n250 AUTH EXTERNAL LOGIN\r\n");
    assert_string_equal(smtp_ehlo(&s)->mechanisms, "EXTERNAL LOGIN");
    assert_true(smtp_auth(&s, "EXTERNAL", SPAN(""), SMTP_FORM_FITTING));
    assert_string_equal(output(&s), "AUTH EXTERNAL =\r\n");
    feed(&s, "504 no\r\n");
    struct smtp_event e;
    assert_int_equal(smtp_wants(&s), SMTP_EVENT);
    assert_false(smtp_auth(&s, "LOGIN", (struct span){NULL, 0}, SMTP_FORM_FITTING));
    assert_true(smtp_next(&s, &e));
    assert_int_equal(e.kind, SMTP_ON_AUTH);
    assert_int_equal(e.outcome.verdict, VERDICT_DEFERRED);
    assert_false(smtp_next(&s, &e));

    assert_int_equal(smtp_wants(&s), SMTP_INPUT | SMTP_AUTH);
    assert_true(smtp_auth(&s, "LOGIN", (struct span){NULL, 0}, SMTP_FORM_FITTING));
    assert_string_equal(output(&s), "AUTH LOGIN\r\n");
    feed(&s, "334 VXNlcm5hbWU6\r\n");
    assert_true(span_equal(smtp_challenge(&s), SPAN("Username:")));
    assert_true(smtp_auth_response(&s, SPAN("user")));
    assert_false(smtp_auth_response(&s, SPAN("user")));
    assert_string_equal(output(&s), "dXNlcg==\r\n");
    feed(&s, "334 UGFzc3dvcmQ6\r\n");
    assert_true(smtp_auth_response(&s, SPAN("")));
    assert_string_equal(output(&s), "\r\n");
    feed(&s, "235 2.7.0 ok\r\n");
    assert_int_equal(smtp_wants(&s), SMTP_EVENT);
    assert_true(smtp_next(&s, &e));
    assert_int_equal(e.outcome.verdict, VERDICT_DELIVERED);
    // The mechanism is not content: nothing of it goes further.
    smtp_fail(&s, "the smarthost did not prove who it is");
    assert_int_equal(smtp_wants(&s), SMTP_EVENT | SMTP_CLOSED);
    assert_true(smtp_next(&s, &e));
    assert_int_equal(e.kind, SMTP_ON_SESSION);
    assert_string_equal(e.outcome.text, "the smarthost did not prove who it is");
    assert_false(smtp_next(&s, &e));
    smtp_free(&s);
    smtp_free(&s);
}

static void test_cancel(void **state)
{
    (void)state;
    struct smtp s;
    struct smtp_options o;
    struct smtp_event e;
    smtp_options_init(&o);
    o.tls = SMTP_TLS_NONE;
    o.auth = o.plaintext_auth = true;
    open_session(&s, &o, "250-x\r\n250 AUTH CRAM-MD5\r\n");
    smtp_auth_cancel(&s); // nothing to cancel yet
    assert_true(smtp_auth(&s, "CRAM-MD5", (struct span){NULL, 0}, SMTP_FORM_FITTING));
    (void)output(&s);
    feed(&s, "334 PDE+\r\n");
    smtp_auth_cancel(&s);
    assert_string_equal(output(&s), "*\r\n");
    feed(&s, "501 5.7.0 cancelled\r\n");
    assert_true(smtp_next(&s, &e));
    assert_int_equal(e.outcome.code, 501);
    smtp_quit(&s);
    assert_int_equal(smtp_wants(&s), SMTP_INPUT | SMTP_OUTPUT);
    assert_string_equal(output(&s), "QUIT\r\n");
    assert_false(smtp_auth(&s, "CRAM-MD5", (struct span){NULL, 0}, SMTP_FORM_FITTING));
    feed(&s, "221 bye\r\n");
    assert_int_equal(smtp_wants(&s), SMTP_CLOSED);
    smtp_free(&s);
}

static bool holds(const char *p, size_t n, const char *secret)
{
    return p && memmem(p, n, secret, strlen(secret)) != NULL;
}

static void test_secret_is_wiped(void **state)
{
    (void)state;
    struct smtp s;
    struct smtp_options o;
    smtp_options_init(&o);
    o.tls = SMTP_TLS_IMPLICIT;
    o.auth = true;
    open_session(&s, &o, "250-x\r\n250 AUTH PLAIN\r\n");
    assert_true(smtp_auth(&s, "PLAIN", SPAN("\0user\0secret"), SMTP_FORM_FITTING));
    assert_true(holds(s.out.p, s.out.size, "AHVzZXIAc2VjcmV0"));
    smtp_sent(&s, 5);
    smtp_sent(&s, smtp_queued(&s));
    assert_false(holds(s.out.p, s.out.size, "c2VjcmV0"));
    assert_false(holds(s.held.p, s.held.size, "c2VjcmV0"));
    smtp_free(&s);

    open_session(&s, &o, "250-x\r\n250 AUTH PLAIN\r\n");
    assert_true(smtp_auth(&s, "PLAIN", SPAN("\0user\0secret"), SMTP_FORM_FITTING));
    smtp_fail(&s, "enough");
    assert_false(holds(s.out.p, s.out.size, "c2VjcmV0"));
    smtp_free(&s);
}

static void keep_line(void *context, char direction, const char *line)
{
    buf_printf(context, "%c %s\n", direction, line);
}

static void test_trace(void **state)
{
    (void)state;
    struct talk t;
    struct mails m;
    struct buf lines = BUF_INIT(10000);
    mails_init(&m, 1, 1);
    const struct rule rules[] = {{"AUTH", 0, "334 Y2hhbGxlbmdl", false},
                                 {"RCPT", 0, "250-\x1b[1m\xff\r\n250 ok", false},
                                 {"MAIL", 0, "250", false},
                                 {0}};
    talk_init(&t, "250-AUTH PLAIN\r\n250 STARTTLS", rules);
    talk_mails(&t, &m);
    t.options.tls = SMTP_TLS_STARTTLS;
    t.options.auth = true;
    t.options.trace = keep_line;
    t.options.context = &lines;
    (void)talk_run(&t);
    assert_string_equal(buf_str(&lines), "< 220 here\n"
                                         "> EHLO client.example\n"
                                         "< 250-here\n"
                                         "< 250-AUTH PLAIN\n"
                                         "< 250 STARTTLS\n"
                                         "> STARTTLS\n"
                                         "< 220 2.0.0 go\n"
                                         "> EHLO client.example\n"
                                         "< 250-here\n"
                                         "< 250-AUTH PLAIN\n"
                                         "< 250 STARTTLS\n"
                                         "> AUTH PLAIN (16 octets)\n"
                                         "< 334 (12 octets)\n"
                                         "> (12 octets)\n"
                                         "< 235 2.7.0 welcome\n"
                                         "> MAIL FROM:<a1@b>\n"
                                         "< 250 \n"
                                         "> RCPT TO:<r0@x>\n"
                                         "< 250-?[1m?\n"
                                         "< 250 ok\n"
                                         "> DATA\n"
                                         "< 354 go ahead\n"
                                         "> message (27 octets)\n"
                                         "< 250 2.0.0 taken\n"
                                         "> QUIT\n"
                                         "< 221 2.0.0 bye\n");
    talk_free(&t);
    mails_free(&m);
    buf_free(&lines);
}

static void test_deadlines(void **state)
{
    (void)state;
    struct smtp s;
    struct smtp_options o;
    struct envelope e;
    envelope_init(&e);
    assert_true(envelope_add(&e, SPAN("c@d"), SPAN("")));
    struct smtp_message m = {.tag = 1, .envelope = &e, .count = SIZE_MAX, .size = 30};
    smtp_options_init(&o);
    o.seconds[SMTP_STEP_DATA] = 7;
    o.seconds[SMTP_STEP_BODY] = 2;
    open_session(&s, &o, "250-x\r\n250 STARTTLS\r\n");
    assert_int_equal(smtp_step(&s), SMTP_STEP_STARTTLS);
    assert_int_equal(smtp_deadline(&s), 120);
    (void)output(&s);
    feed(&s, "220 go\r\n");
    assert_int_equal(smtp_wants(&s), SMTP_TLS);
    assert_int_equal(smtp_step(&s), SMTP_STEP_TLS);
    smtp_tls_up(&s);
    assert_int_equal(smtp_step(&s), SMTP_STEP_EHLO);
    (void)output(&s);
    feed(&s, "250-x\r\n250 PIPELINING\r\n");
    assert_int_equal(smtp_wants(&s), SMTP_INPUT | SMTP_MAIL);
    assert_int_equal(smtp_step(&s), SMTP_STEP_IDLE);
    assert_int_equal(smtp_deadline(&s), 0);

    // Octets alone are no progress, nor is a part of a reply.
    smtp_mail(&s, &m);
    assert_int_equal(smtp_step(&s), SMTP_STEP_MAIL);
    uint64_t before = smtp_progress(&s);
    smtp_sent(&s, 3);
    assert_int_equal(smtp_progress(&s), before);
    smtp_sent(&s, smtp_queued(&s));
    assert_true(smtp_progress(&s) > before);
    before = smtp_progress(&s);
    feed(&s, "250-");
    assert_int_equal(smtp_progress(&s), before);
    feed(&s, "\r\n250 ok\r\n");
    assert_true(smtp_progress(&s) > before);
    assert_int_equal(smtp_step(&s), SMTP_STEP_RCPT);
    feed(&s, "250 ok\r\n");
    assert_int_equal(smtp_deadline(&s), 7);
    feed(&s, "354 go\r\n");

    // A message must move by as many KiB as there are seconds.
    static char text[3000];
    memset(text, 'x', sizeof text);
    assert_int_equal(smtp_step(&s), SMTP_STEP_BODY);
    before = smtp_progress(&s);
    smtp_body(&s, text, sizeof text);
    smtp_sent(&s, 2047);
    assert_int_equal(smtp_progress(&s), before);
    smtp_sent(&s, 1);
    assert_int_equal(smtp_progress(&s), before + 1);
    smtp_sent(&s, smtp_queued(&s));
    assert_int_equal(smtp_progress(&s), before + 1);
    smtp_body_end(&s);
    assert_int_equal(smtp_step(&s), SMTP_STEP_END);
    assert_int_equal(smtp_deadline(&s), 600);
    smtp_free(&s);
    envelope_free(&e);
}

static void test_idle_ends(void **state)
{
    (void)state;
    struct smtp s;
    struct smtp_options o;
    struct smtp_event e;
    smtp_options_init(&o);
    o.tls = SMTP_TLS_NONE;

    open_session(&s, &o, "250 x\r\n");
    feed(&s, "421 4.4.2 idle for too long\r\n");
    assert_int_equal(smtp_wants(&s), SMTP_EVENT | SMTP_CLOSED);
    assert_true(smtp_next(&s, &e));
    assert_int_equal(e.outcome.code, 421);
    smtp_eof(&s, "");
    assert_false(smtp_next(&s, &e));
    smtp_free(&s);

    open_session(&s, &o, "250 x\r\n");
    smtp_eof(&s, "reset");
    assert_true(smtp_next(&s, &e));
    assert_string_equal(e.outcome.text, "connection closed while idle: reset");
    smtp_free(&s);

    // Octets behind a reply are a reply nobody asked for.
    open_session(&s, &o, "250 x\r\n250 y\r\n");
    assert_int_equal(smtp_wants(&s), SMTP_EVENT | SMTP_CLOSED);
    smtp_free(&s);

    // So is the beginning of one; nothing is started before it has ended.
    open_session(&s, &o, "250 x\r\n25");
    assert_int_equal(smtp_wants(&s), SMTP_INPUT);
    assert_int_equal(smtp_step(&s), SMTP_STEP_STRAY);
    assert_true(smtp_deadline(&s) > 0);
    smtp_quit(&s);
    assert_int_equal(smtp_queued(&s), 0);
    smtp_expired(&s);
    assert_true(smtp_next(&s, &e));
    assert_int_equal(e.outcome.verdict, VERDICT_DEFERRED);
    smtp_free(&s);

    // Before the prelude is over there is nobody to say QUIT to.
    o.helo = "me";
    smtp_init(&s, &o);
    smtp_quit(&s);
    assert_int_equal(smtp_wants(&s), SMTP_CLOSED);
    smtp_free(&s);
}

// A command is awaited no sooner than it is sent as a whole.
static void test_reply_before_command(void **state)
{
    (void)state;
    struct smtp s;
    struct smtp_options o;
    struct smtp_event e;
    smtp_options_init(&o);
    o.tls = SMTP_TLS_NONE;
    o.helo = "me";
    smtp_init(&s, &o);
    feed(&s, "220 x\r\n");
    smtp_sent(&s, smtp_queued(&s) - 1);
    feed(&s, "2");
    assert_int_equal(smtp_wants(&s), SMTP_INPUT);
    feed(&s, "50 x\r\n");
    assert_int_equal(smtp_wants(&s), SMTP_EVENT | SMTP_CLOSED);
    assert_true(smtp_next(&s, &e));
    assert_string_equal(e.outcome.text, "unexpected reply while waiting for EHLO: 250");
    smtp_free(&s);
}

// What is not wanted is not done.
static void test_out_of_turn(void **state)
{
    (void)state;
    struct smtp s;
    struct smtp_options o;
    struct smtp_event e;
    struct mails m;
    mails_init(&m, 2, 1);
    smtp_options_init(&o);
    o.tls = SMTP_TLS_NONE;
    o.auth = true;
    open_session(&s, &o, "250-x\r\n250 AUTH PLAIN\r\n");
    assert_int_equal(smtp_wants(&s), SMTP_EVENT | SMTP_CLOSED); // the line is not encrypted
    assert_false(smtp_auth(&s, "PLAIN", SPAN("secret"), SMTP_FORM_FITTING));
    smtp_quit(&s);
    smtp_free(&s);

    o.auth = false;
    open_session(&s, &o, "250-x\r\n250 PIPELINING\r\n");
    assert_false(smtp_auth(&s, "PLAIN", SPAN("secret"), SMTP_FORM_FITTING));
    assert_null(smtp_challenge(&s).p);
    assert_false(smtp_auth_response(&s, SPAN("secret")));
    smtp_auth_cancel(&s);
    smtp_tls_up(&s);
    smtp_body(&s, "text", 4);
    smtp_body_end(&s);
    smtp_body_abort(&s, "nothing to abort");
    assert_int_equal(smtp_wants(&s), SMTP_INPUT | SMTP_MAIL);
    assert_false(smtp_next(&s, &e));

    smtp_mail(&s, &m.messages[0]);
    smtp_mail(&s, &m.messages[1]); // the first is not sent yet
    smtp_body(&s, "text", 4);
    smtp_body_end(&s);
    assert_int_equal(smtp_unfinished(&s), 1);
    assert_string_equal(output(&s), "MAIL FROM:<a1@b>\r\nRCPT TO:<r0@x>\r\nDATA\r\n");
    smtp_sent(&s, 1);
    feed(&s, "250 x\r\n250 x\r\n354 x\r\n");
    smtp_mail(&s, &m.messages[1]);
    smtp_body(&s, "text", 4);
    smtp_body_end(&s);
    smtp_body_end(&s);
    smtp_body(&s, "text", 4);
    assert_string_equal(output(&s), "text\r\n.\r\n");
    smtp_fail(&s, "first");
    smtp_fail(&s, "second");
    assert_true(smtp_next(&s, &e));
    assert_true(e.outcome.doubt);
    assert_true(smtp_next(&s, &e));
    assert_string_equal(e.outcome.text, "first");
    assert_false(smtp_next(&s, &e));
    assert_int_equal(smtp_unfinished(&s), 0);
    smtp_free(&s);
    mails_free(&m);
}

// A whole message behind a MAIL that is answered 421, or its only RCPT, is not taken.
static void test_421_before_the_message(void **state)
{
    static const struct {
        const char *reply;
        bool doubt;
    } cases[] = {
        {"421 4.3.2 bye\r\n", false}, {"250 x\r\n421 bye\r\n", false}, {"?\r\n", true}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct smtp s;
        struct smtp_options o;
        struct smtp_event e;
        struct mails m;
        mails_init(&m, 1, 1);
        smtp_options_init(&o);
        o.tls = SMTP_TLS_NONE;
        o.chunking = true;
        open_session(&s, &o, "250-x\r\n250-PIPELINING\r\n250 CHUNKING\r\n");
        smtp_mail(&s, &m.messages[0]);
        smtp_body(&s, "text", 4);
        smtp_body_end(&s);
        assert_non_null(strstr(output(&s), "BDAT 6 LAST"));
        smtp_sent(&s, smtp_output(&s).n);
        feed(&s, cases[i].reply);
        assert_true(smtp_next(&s, &e));
        assert_int_equal(e.kind, SMTP_ON_MESSAGE);
        assert_int_equal(e.outcome.doubt, cases[i].doubt);
        smtp_free(&s);
        mails_free(&m);
    }
}

static void put_out(void *concealer, struct buf *text)
{
    ++*(unsigned *)concealer;
    buf_clear(text);
    buf_puts(text, "never mind");
}

// What the server says of AUTH passes through other hands first; its challenges do not.
static void test_conceals(void **state)
{
    (void)state;
    struct smtp s;
    struct smtp_options o;
    struct smtp_event e;
    unsigned concealed = 0;
    smtp_options_init(&o);
    o.tls = SMTP_TLS_NONE;
    o.auth = o.plaintext_auth = true;
    o.conceal = put_out;
    o.concealer = &concealed;
    open_session(&s, &o, "250-x\r\n250 AUTH LOGIN\r\n");
    assert_true(smtp_auth(&s, "LOGIN", (struct span){0}, SMTP_FORM_FITTING));
    smtp_sent(&s, smtp_output(&s).n);
    feed(&s, "334 VXNlcg==\r\n");
    assert_int_equal(concealed, 0);
    assert_true(smtp_auth_response(&s, SPAN("secret")));
    smtp_sent(&s, smtp_output(&s).n);
    feed(&s, "535 5.7.8 secret is wrong\r\n");
    assert_int_equal(concealed, 1);
    assert_true(smtp_next(&s, &e));
    assert_int_equal(e.outcome.code, 535);
    assert_string_equal(e.outcome.text, "never mind");
    smtp_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_preludes),
        cmocka_unit_test(test_long_initial_response),
        cmocka_unit_test(test_initial_responses),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_garbled),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_secret_is_wiped),
        cmocka_unit_test(test_trace),
        cmocka_unit_test(test_deadlines),
        cmocka_unit_test(test_idle_ends),
        cmocka_unit_test(test_reply_before_command),
        cmocka_unit_test(test_out_of_turn),
        cmocka_unit_test(test_421_before_the_message),
        cmocka_unit_test(test_conceals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
