// SPDX-License-Identifier: ISC
// links: submit
// Which mechanism follows which answer of the server, and what becomes of the session.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "submit/handshake.h"

static struct fixture {
    struct config_account account;
    struct dial line;
    struct observer observer;
    struct smtp smtp;
    struct handshake handshake;
    struct buf said; // by us, commands parted by '|'
} f;

// Ends a session, if one was begun.
static int end(void **state)
{
    (void)state;
    if (f.handshake.smtp) {
        handshake_end(&f.handshake);
        smtp_free(&f.smtp);
        buf_free(&f.handshake.why);
        buf_free(&f.said);
    }
    f = (struct fixture){0};
    return 0;
}

static void begin_with(const struct auth_login *login, const char *offered)
{
    struct smtp_options options;
    struct buf why = BUF_INIT(512), ehlo = BUF_INIT(512);
    (void)end(NULL);
    f = (struct fixture){.account = {.auth = (char *)(uintptr_t)login->allow,
                                     .user = (char *)(uintptr_t)login->user},
                         .line = {.fd = -1,
                                  .loopback = true,
                                  .target = {.host = "localhost", .name = "localhost"}},
                         .observer = {.step = ""},
                         .said = BUF_INIT(8192)};
    smtp_options_init(&options);
    options.tls = SMTP_TLS_NONE;
    options.auth = options.plaintext_auth = true;
    options.helo = "client.example";
    smtp_init(&f.smtp, &options);
    f.handshake = (struct handshake){.account = &f.account,
                                     .line = &f.line,
                                     .observer = &f.observer,
                                     .smtp = &f.smtp,
                                     .auth = auth_new(login, true, &why),
                                     .why = BUF_INIT(512)};
    assert_non_null(f.handshake.auth);
    buf_printf(&ehlo, "220 here\r\n250-here\r\n250 AUTH %s\r\n", offered);
    size_t first = strlen("220 here\r\n");
    assert_int_equal(smtp_feed(&f.smtp, ehlo.p, first), first);
    smtp_sent(&f.smtp, smtp_queued(&f.smtp));
    assert_int_equal(smtp_feed(&f.smtp, ehlo.p + first, ehlo.n - first), ehlo.n - first);
    buf_free(&why);
    buf_free(&ehlo);
}

static void begin(const char *allow, const char *offered)
{
    const struct auth_login login = {.user = "me", .secret = SPAN("sesame"), .allow = allow};
    begin_with(&login, offered);
}

static void begin_token(const char *token, const char *offered)
{
    const struct auth_login login = {
        .user = "me", .secret = span_of(token), .token = true, .allow = "auto"};
    begin_with(&login, offered);
}

// Does what the engine wants until it wants to hear the server.
static void go_on(void)
{
    struct smtp_event event;
    for (;;) {
        unsigned wants = smtp_wants(&f.smtp);
        if (wants & SMTP_EVENT && smtp_next(&f.smtp, &event)) {
            if (event.kind == SMTP_ON_AUTH && f.handshake.auth)
                handshake_on_auth(&f.handshake, &event.outcome);
        } else if (wants & SMTP_OUTPUT && !(wants & SMTP_CLOSED)) {
            struct span out = smtp_output(&f.smtp);
            buf_put(&f.said, out.p, out.n - 2);
            buf_putc(&f.said, '|');
            smtp_sent(&f.smtp, out.n);
        } else if (wants & SMTP_AUTH) {
            handshake_auth(&f.handshake);
        } else {
            return;
        }
    }
}

static void answer(const char *line)
{
    size_t n = strlen(line);
    go_on();
    assert_int_equal(smtp_feed(&f.smtp, line, n), n);
    go_on();
}

static bool is_ready(void)
{
    return smtp_wants(&f.smtp) & SMTP_MAIL;
}

static const char plain[] = "PLAIN", login[] = "LOGIN PLAIN", scram[] = "SCRAM-SHA-256 PLAIN",
                  automatic[] = "auto";

static void welcome(void **state)
{
    (void)state;
    begin(plain, "LOGIN PLAIN");
    answer("235 2.7.0 ok\r\n");
    assert_string_equal(buf_str(&f.said), "AUTH PLAIN AG1lAHNlc2FtZQ==|");
    assert_true(is_ready());
    assert_null(f.handshake.auth); // and the secret with it
    assert_false(f.handshake.troubled);
}

static void refused_mechanism_is_followed_by_the_next(void **state)
{
    static const char *const refusals[] = {"504 5.5.4 no such\r\n", "534 5.7.9 too weak\r\n",
                                           "501 5.5.4 what?\r\n",   "504 no such\r\n",
                                           "500 5.5.1 unknown\r\n", "538 5.7.11 encrypt\r\n",
                                           "535 5.7.4 not now\r\n"};
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        begin(login, "PLAIN LOGIN");
        answer(refusals[i]);
        answer("235 2.7.0 ok\r\n");
        assert_string_equal(buf_str(&f.said), "AUTH LOGIN|AUTH PLAIN AG1lAHNlc2FtZQ==|");
        assert_true(is_ready());
    }
}

static void all_mechanisms_refused(void **state)
{
    (void)state;
    begin(login, "PLAIN LOGIN");
    answer("504 5.5.4 no such\r\n");
    answer("538 5.7.11 neither\r\n");
    assert_false(is_ready());
    assert_true(f.handshake.troubled);
    assert_int_equal(f.handshake.trouble.verdict, VERDICT_DEFERRED);
    assert_int_equal(f.handshake.trouble.scope, SCOPE_SESSION);
    assert_string_equal(f.handshake.trouble.text, "AUTH PLAIN: 538 5.7.11 neither");
    assert_string_equal(buf_str(&f.said), "AUTH LOGIN|AUTH PLAIN AG1lAHNlc2FtZQ==|QUIT|");
}

// Some servers have no room for an initial response along with AUTH, some want it there. It is
// said the other way once.
static void refused_form_is_changed_once(void **state)
{
    static const char *const refusals[] = {"500 5.5.6 line too long\r\n",
                                           "501 5.5.4 no initial response here\r\n",
                                           "504 5.7.4 unrecognized\r\n"};
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        begin(plain, "PLAIN");
        answer(refusals[i]);
        answer("334 \r\n");
        answer("235 2.7.0 ok\r\n");
        assert_string_equal(buf_str(&f.said),
                            "AUTH PLAIN AG1lAHNlc2FtZQ==|AUTH PLAIN|AG1lAHNlc2FtZQ==|");
        assert_true(is_ready());

        begin(plain, "PLAIN");
        answer(refusals[i]);
        answer(refusals[i]);
        assert_string_equal(buf_str(&f.said), "AUTH PLAIN AG1lAHNlc2FtZQ==|AUTH PLAIN|QUIT|");
        assert_true(f.handshake.troubled);
    }
}

// Too long for a command line, so it waits; and goes along where AUTH alone is refused.
static void long_response_goes_along_where_it_must(void **state)
{
    static char token[1001];
    (void)state;
    memset(token, 't', sizeof token - 1);
    begin_token(token, "XOAUTH2");
    answer("504 5.7.4 unrecognized authentication type\r\n");
    assert_memory_equal(buf_str(&f.said), "AUTH XOAUTH2|AUTH XOAUTH2 dXNlcj1tZQFhdXRo", 42);
    assert_true(f.said.n > 1300);
    answer("235 2.7.0 ok\r\n");
    assert_true(is_ready());
}

// What the server has against a token comes in a challenge, which is answered; the refusal that
// follows is told with it.
static void refused_token(void **state)
{
    (void)state;
    begin_token("ya29", "XOAUTH2 PLAIN");
    // {"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}
    answer("334 eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIiwic2NvcGUiOiJodHRwczovL21haWwuZ2"
           "9vZ2xlLmNvbS8ifQ==\r\n");
    answer("535-5.7.8 Username and Password not accepted. For more information, go to\r\n"
           "535 5.7.8 https://support.example/\r\n");
    assert_string_equal(strchr(buf_str(&f.said), '|'), "||QUIT|");
    assert_int_equal(f.handshake.trouble.code, 535);
    assert_true(auth_refused(&f.handshake.trouble));
    assert_memory_equal(f.handshake.trouble.text,
                        "AUTH XOAUTH2: 535 5.7.8 Username and Password not accepted.", 59);
    assert_non_null(
        strstr(f.handshake.trouble.text, "(status 400, wants scope https://mail.google.com/)"));
}

static void refused_token_and_yet_welcome(void **state)
{
    (void)state;
    begin_token("ya29", "XOAUTH2");
    answer("334 e30=\r\n");
    answer("235 2.7.0 ok\r\n");
    assert_true(smtp_wants(&f.smtp) & SMTP_CLOSED);
    assert_true(f.handshake.troubled);
}

// Neither is a challenge that can not be decoded a reason to try what is weaker.
static void garbled_challenge_leads_to_nothing_weaker(void **state)
{
    (void)state;
    begin(login, "PLAIN LOGIN");
    answer("334 VXN\r\n");
    answer("501 5.5.2 cancelled\r\n");
    assert_string_equal(buf_str(&f.said), "AUTH LOGIN|*|QUIT|");
    assert_string_equal(f.handshake.trouble.text,
                        "AUTH LOGIN: the server's challenge is not base64");
}

static void endless_challenges(void **state)
{
    (void)state;
    begin(login, "LOGIN");
    for (unsigned i = 0; i < 3; i++)
        answer("334 VXNlcm5hbWU6\r\n");
    assert_string_equal(buf_str(&f.said), "AUTH LOGIN|bWU=|c2VzYW1l|*|");
    answer("334 VXNlcm5hbWU6\r\n"); // to "*", which ends it in RFC 4954
    assert_true(smtp_wants(&f.smtp) & SMTP_CLOSED);
}

// A wrong password is not tried a second time, by no mechanism: that locks accounts.
static void refused_password_is_the_end(void **state)
{
    static const struct {
        const char *line;
        uint16_t code;
        const char *text;
    } cases[] = {
        {"535 5.7.8 no\r\n", 535, "AUTH PLAIN: 535 5.7.8 no"},
        {"454 4.7.0 later\r\n", 454, "AUTH PLAIN: 454 4.7.0 later"},
        {"535 5.7.3 no\r\n", 535, "AUTH PLAIN: 535 5.7.3 no"},
        {"432 4.7.12 change it\r\n", 432, "AUTH PLAIN: 432 4.7.12 change it"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin(automatic, "PLAIN LOGIN");
        answer(cases[i].line);
        assert_string_equal(buf_str(&f.said), "AUTH PLAIN AG1lAHNlc2FtZQ==|QUIT|");
        assert_string_equal(f.handshake.trouble.text, cases[i].text);
        assert_int_equal(f.handshake.trouble.code, cases[i].code);
        assert_int_equal(f.handshake.trouble.verdict, VERDICT_DEFERRED);
        assert_int_equal(f.handshake.trouble.scope, SCOPE_SESSION);
        assert_null(f.handshake.auth);
    }
}

static void nothing_in_common(void **state)
{
    (void)state;
    begin(plain, "LOGIN XOAUTH2");
    go_on();
    assert_string_equal(buf_str(&f.said), "QUIT|");
    assert_string_equal(
        f.handshake.trouble.text,
        "AUTH: no mechanism is both offered and allowed (auth = PLAIN; offered: "
        "LOGIN XOAUTH2)");
}

// Whoever says yes without having seen the password proven does not know it.
static void success_without_proof(void **state)
{
    (void)state;
    begin(scram, "SCRAM-SHA-256 PLAIN");
    go_on();
    if (strncmp(buf_str(&f.said), "AUTH SCRAM", 10) != 0)
        skip();
    answer("235 2.7.0 sure\r\n");
    assert_true(smtp_wants(&f.smtp) & SMTP_CLOSED);
    assert_string_equal(f.handshake.trouble.text,
                        "AUTH SCRAM-SHA-256: the server said yes without proving who it is");
    assert_null(strchr(strchr(buf_str(&f.said), '|') + 1, '|'));
}

// A server that plays foul with SCRAM may only want PLAIN to be tried next.
static void foul_challenge_leads_to_nothing_weaker(void **state)
{
    (void)state;
    begin(scram, "SCRAM-SHA-256 PLAIN");
    go_on();
    if (strncmp(buf_str(&f.said), "AUTH SCRAM", 10) != 0)
        skip();
    answer("334 bm9uc2Vuc2U=\r\n");
    answer("501 5.7.0 cancelled\r\n");
    const char *rest = strchr(buf_str(&f.said), '|');
    assert_string_equal(rest, "|*|QUIT|");
    assert_memory_equal(f.handshake.trouble.text, "AUTH SCRAM-SHA-256: ", 20);
    assert_int_equal(f.handshake.trouble.code, 0);
}

static void challenge_after_the_end(void **state)
{
    (void)state;
    begin(plain, "PLAIN");
    answer("334 \r\n");
    answer("501 5.7.0 cancelled\r\n");
    assert_string_equal(buf_str(&f.said), "AUTH PLAIN AG1lAHNlc2FtZQ==|*|QUIT|");
    assert_true(f.handshake.troubled);
}

// No TLS and no loopback: whatever the engine was told, nothing goes out in clear.
static void nothing_in_clear(void **state)
{
    (void)state;
    begin(login, "PLAIN LOGIN");
    f.line.loopback = false;
    go_on();
    assert_string_equal(buf_str(&f.said), "QUIT|");
    assert_true(f.handshake.troubled);
}

static void the_first_reason_stays(void **state)
{
    struct outcome one = {.text = "one"}, two = {.text = "two"};
    (void)state;
    begin(plain, "PLAIN");
    handshake_trouble(&f.handshake, &one);
    handshake_trouble(&f.handshake, &two);
    assert_string_equal(f.handshake.trouble.text, "one");
}

#define TEST(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(welcome),
        TEST(refused_mechanism_is_followed_by_the_next),
        TEST(all_mechanisms_refused),
        TEST(refused_form_is_changed_once),
        TEST(long_response_goes_along_where_it_must),
        TEST(refused_token),
        TEST(refused_token_and_yet_welcome),
        TEST(garbled_challenge_leads_to_nothing_weaker),
        TEST(endless_challenges),
        TEST(refused_password_is_the_end),
        TEST(nothing_in_common),
        TEST(success_without_proof),
        TEST(foul_challenge_leads_to_nothing_weaker),
        TEST(challenge_after_the_end),
        TEST(nothing_in_clear),
        TEST(the_first_reason_stays),
    };
    return cmocka_run_group_tests_name("handshake", tests, NULL, NULL);
}
