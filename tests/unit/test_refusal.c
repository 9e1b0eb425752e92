// SPDX-License-Identifier: ISC
// links: smtp
// Parameters that a server offers and refuses: the transaction, or the one recipient, is made
// again without them, and what is needed is never dropped. What other refusals mean is in
// test_transaction.c.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "unit/smtp_server.h"

#define M1     "> MAIL FROM:<a1@b>"
#define M2     "> MAIL FROM:<a2@b>"
#define LF     "\n"
#define SIZED  " SIZE=32"
#define R0     "> RCPT TO:<r0@x>"
#define R1     "> RCPT TO:<r1@x>"
#define NOTIFY " NOTIFY=NEVER"
#define DATA   "> DATA\n"
#define DOT    "> .\n"
#define BDAT   "> BDAT 32 LAST\n"
#define RSET   "> RSET\n"
#define QUIT   "> QUIT\n"
#define DONE1  "message 1: delivered message 250 2.0.0 taken\n"
#define DONE2  "message 2: delivered message 250 2.0.0 taken\n"
#define NONE1  "message 1: deferred message 0 4.5.0 no recipient was accepted\n"

#define OFFERED "250-SIZE\r\n250-8BITMIME\r\n250-REQUIRETLS\r\n250-SMTPUTF8\r\n250 DSN"
#define PIPED   "250-PIPELINING\r\n" OFFERED
#define CHUNKED "250-CHUNKING\r\n" PIPED

static const struct fallback {
    const char *capabilities, *options, *rcpt_options;
    size_t messages, recipients;
    bool eightbit, utf8, chunking, encrypted;
    struct rule rules[4];
    const char *log; // behind EHLO
    unsigned stumbles;
    bool lost; // no message arrives
} fallbacks[] = {
    {.capabilities = OFFERED,
     .messages = 2,
     .rules = {{"MAIL FROM:<a1@b> SIZE", 0, "555 5.5.4 what?", 0}},
     .log = M1 SIZED LF "message 1: deferred message 555 5.5.4 what? again\n" M1 LF R0 LF DATA
         DOT DONE1 M2 LF R0 LF DATA DOT DONE2 QUIT,
     .stumbles = STUMBLE_PARAMETERS},
    {.capabilities = PIPED,
     .messages = 2,
     .rules = {{"MAIL FROM:<a1@b> SIZE", 0, "501 syntax", 0}},
     .log = M1 SIZED LF R0 LF DATA "message 1: deferred message 501 5.0.0 syntax again\n" M1 LF
         R0 LF DATA DOT M2 LF R0 LF DATA DONE1 DOT QUIT DONE2,
     .stumbles = STUMBLE_PARAMETERS},
    // By BDAT two are under way: each is made again.
    {.capabilities = CHUNKED,
     .messages = 2,
     .chunking = true,
     .rules = {{"MAIL FROM:<a1@b> SIZE", 0, "504 5.5.4 no", 0},
               {"MAIL FROM:<a2@b> SIZE", 0, "504 5.5.4 no", 0}},
     .log = M1 SIZED LF R0 LF BDAT RSET M2 SIZED LF R0 LF BDAT
     "message 1: deferred message 504 5.5.4 no again\n"
     "message 2: deferred message 504 5.5.4 no again\n" RSET M1 LF R0 LF BDAT RSET M2 LF R0 LF
         BDAT DONE1 DONE2 QUIT,
     .stumbles = STUMBLE_PARAMETERS},
    // What DSN is refused for does not take SIZE along.
    {.capabilities = OFFERED,
     .options = "RET=HDRS",
     .messages = 2,
     .rules = {{"MAIL FROM:<a1@b> SIZE=32 RET", 0, "555 5.5.4 a", 0},
               {"MAIL FROM:<a1@b> RET", 0, "555 5.5.4 b", 0}},
     .log = M1 SIZED " RET=HDRS\nmessage 1: deferred message 555 5.5.4 a again\n" M1
                     " RET=HDRS\nmessage 1: deferred message 555 5.5.4 b again\n" M1 SIZED LF R0
                         LF DATA DOT DONE1 M2 SIZED LF R0 LF DATA DOT DONE2 QUIT,
     .stumbles = STUMBLE_DSN},
    {.capabilities = OFFERED,
     .options = "RET=HDRS",
     .messages = 1,
     .eightbit = true,
     .rules = {{"MAIL FROM:<a1@b> ", 0, "555 5.5.4 no", 0}},
     .log = M1 SIZED
     " BODY=8BITMIME RET=HDRS\nmessage 1: deferred message 555 5.5.4 no again\n" M1
     " BODY=8BITMIME RET=HDRS\nmessage 1: deferred message 555 5.5.4 no again\n" M1 SIZED
     "\nmessage 1: deferred message 555 5.5.4 no again\n" M1 LF R0 LF DATA DOT DONE1 QUIT,
     .stumbles = STUMBLE_PARAMETERS | STUMBLE_DSN | STUMBLE_BODY},
    // A recipient's: the others have the message first.
    {.capabilities = "250-PIPELINING\r\n250 DSN",
     .rcpt_options = "NOTIFY=NEVER",
     .messages = 2,
     .recipients = 2,
     .rules = {{"RCPT TO:<r1@x> NOTIFY", 0, "555 5.5.4 no", 0}},
     .log = M1 LF R0 NOTIFY LF R1 NOTIFY LF DATA
     "recipient 1 1: deferred recipient 555 5.5.4 no again\n" DOT M2 LF R0 NOTIFY LF R1 NOTIFY
         LF DATA "recipient 2 1: deferred recipient 555 5.5.4 no again\n" DONE1 DOT M1 LF R1 LF
             DATA DONE2 DOT M2 LF R1 LF DATA DONE1 DOT QUIT DONE2,
     .stumbles = STUMBLE_DSN},
    {.capabilities = "250 DSN",
     .rcpt_options = "NOTIFY=NEVER",
     .messages = 1,
     .rules = {{"RCPT TO:<r0@x> NOTIFY", 0, "501 5.5.4 no", 0}},
     .log = M1 LF R0 NOTIFY LF
     "recipient 1 0: deferred recipient 501 5.5.4 no again\n" NONE1 RSET M1 LF R0 LF DATA DOT
         DONE1 QUIT,
     .stumbles = STUMBLE_DSN},
    {.capabilities = "250-CHUNKING\r\n250-PIPELINING\r\n250 DSN",
     .rcpt_options = "NOTIFY=NEVER",
     .messages = 1,
     .recipients = 2,
     .chunking = true,
     .rules = {{"RCPT TO:<r1@x> NOTIFY", 0, "555 no", 0}},
     .log = M1 LF R0 NOTIFY LF R1 NOTIFY LF BDAT
     "recipient 1 1: deferred recipient 555 5.0.0 no again\n" DONE1 M1 LF R1 LF BDAT QUIT DONE1,
     .stumbles = STUMBLE_DSN},
    // With the BDAT that it offers it is in trouble too.
    {.capabilities = "250-CHUNKING\r\n250 SIZE",
     .messages = 1,
     .chunking = true,
     .rules = {{"MAIL FROM:<a1@b> SIZE", 0, "555 5.5.4 no", 0}, {".", 1, "502 what?", 0}},
     .log = M1 SIZED LF
     "message 1: deferred message 555 5.5.4 no again\n" M1 LF R0 LF BDAT
     "message 1: deferred message 502 5.0.0 what? again\n" RSET M1 LF R0 LF DATA DOT DONE1 QUIT,
     .stumbles = STUMBLE_PARAMETERS | STUMBLE_CHUNKING},
    // It was not the parameters: the refusal holds, and nothing is learned.
    {.capabilities = OFFERED,
     .messages = 1,
     .rules = {{"MAIL", 0, "501 you?", 0}},
     .log = M1 SIZED LF "message 1: deferred message 501 5.0.0 you? again\n" M1 LF
                        "message 1: failed message 501 5.0.0 you?\n" QUIT,
     .lost = true},
    {.capabilities = "250 DSN",
     .rcpt_options = "NOTIFY=NEVER",
     .messages = 1,
     .rules = {{"RCPT", 0, "501 who?", 0}},
     .log = M1 LF R0 NOTIFY LF
     "recipient 1 0: deferred recipient 501 5.0.0 who? again\n" NONE1 RSET M1 LF R0 LF
     "recipient 1 0: failed recipient 501 5.0.0 who?\n" NONE1 QUIT,
     .lost = true},
    // Other words are no ground for it.
    {.capabilities = OFFERED,
     .messages = 1,
     .rules = {{"MAIL", 0, "501 5.1.7 you?", 0}},
     .log = M1 SIZED LF "message 1: failed message 501 5.1.7 you?\n" QUIT,
     .lost = true},
    {.capabilities = OFFERED,
     .rcpt_options = "NOTIFY=NEVER",
     .messages = 1,
     .rules = {{"RCPT", 0, "504 5.5.2 not qualified", 0}},
     .log = M1 SIZED LF R0 NOTIFY LF
     "recipient 1 0: failed recipient 504 5.5.2 not qualified\n" NONE1 QUIT,
     .lost = true},
    {.capabilities = OFFERED,
     .messages = 1,
     .rules = {{"MAIL", 0, "455 4.5.4 not now", 0}},
     .log = M1 SIZED LF "message 1: deferred message 455 4.5.4 not now\n" QUIT,
     .lost = true},
    // There is nothing to leave out.
    {.capabilities = "",
     .messages = 1,
     .rules = {{"MAIL", 0, "555 5.5.4 what?", 0}},
     .log = M1 LF "message 1: failed message 555 5.5.4 what?\n" QUIT,
     .lost = true},
    // SMTPUTF8 and the 8BITMIME it takes are needed; so is a promise (RFC 8689).
    {.capabilities = OFFERED,
     .messages = 1,
     .eightbit = true,
     .utf8 = true,
     .rules = {{"MAIL", 0, "555 5.5.4 no", 0}},
     .log = M1 SIZED
     " BODY=8BITMIME SMTPUTF8\nmessage 1: deferred message 555 5.5.4 no again\n" M1
     " BODY=8BITMIME SMTPUTF8\nmessage 1: failed message 555 5.5.4 no\n" QUIT,
     .lost = true},
    {.capabilities = OFFERED,
     .options = "REQUIRETLS",
     .messages = 1,
     .encrypted = true,
     .rules = {{"MAIL", 0, "555 5.5.4 no", 0}},
     .log = M1 SIZED " REQUIRETLS\nmessage 1: deferred message 555 5.5.4 no again\n" M1
                     " REQUIRETLS\nmessage 1: failed message 555 5.5.4 no\n" QUIT,
     .lost = true},
    // The line breaks between the two.
    {.capabilities = OFFERED,
     .messages = 1,
     .rules = {{"MAIL", 1, "555 5.5.4 no", 1}},
     .log = M1 SIZED LF
     "message 1: deferred message 555 5.5.4 no again\n"
     "message 1: deferred session 0 4.4.2 connection closed while waiting for MAIL\n"
     "session: deferred session 0 4.4.2 connection closed while waiting for MAIL\n",
     .lost = true},
};

static void run_fallback(const struct fallback *f, size_t sent_size)
{
    struct talk t;
    struct mails m;
    struct buf log = BUF_INIT(100000);
    size_t recipients = f->recipients ? f->recipients : 1;
    mails_init_with(&m, f->messages, recipients, f->options ? f->options : "",
                    f->rcpt_options ? f->rcpt_options : "");
    m.messages[0].eightbit = f->eightbit;
    m.messages[0].utf8 = f->utf8;
    talk_init(&t, f->capabilities, f->rules);
    talk_mails(&t, &m);
    if (f->encrypted)
        t.options.tls = SMTP_TLS_IMPLICIT;
    t.options.chunking = f->chunking;
    t.sent_size = sent_size;
    buf_printf(&log, "> EHLO client.example\n%s", f->log);
    assert_string_equal(talk_run(&t), buf_str(&log));
    assert_int_equal(smtp_stumbles(&t.s), f->stumbles);
    for (size_t tag = 1; tag <= m.n; tag++)
        for (size_t r = 0; r < recipients; r++)
            assert_int_equal(t.got[tag][r], !f->lost);
    talk_free(&t);
    mails_free(&m);
    buf_free(&log);
}

static void test_fallbacks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof fallbacks / sizeof *fallbacks; i++) {
        run_fallback(&fallbacks[i], 0);
        run_fallback(&fallbacks[i], 1);
    }
}

// What a session before has learned is not offered to anybody.
static void test_avoided(void **state)
{
    (void)state;
    static const struct {
        unsigned avoid;
        const char *mail;
        bool dsn, eightbit;
    } table[] = {
        {0, M1 SIZED " BODY=8BITMIME RET=HDRS\n", true, true},
        {STUMBLE_PARAMETERS, M1 " BODY=8BITMIME RET=HDRS\n", true, true},
        {STUMBLE_DSN, M1 SIZED " BODY=8BITMIME\n", false, true},
        {STUMBLE_BODY, M1 SIZED " RET=HDRS\n", true, false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct talk t;
        struct mails m;
        mails_init_with(&m, 1, 1, "RET=HDRS", "NOTIFY=NEVER");
        m.messages[0].eightbit = true;
        talk_init(&t, OFFERED, NULL);
        talk_mails(&t, &m);
        t.options.avoid = table[i].avoid;
        const char *mail = strstr(talk_run(&t), "> MAIL");
        assert_memory_equal(mail, table[i].mail, strlen(table[i].mail));
        assert_int_equal(strstr(mail, R0 NOTIFY) != NULL, table[i].dsn);
        assert_int_equal(smtp_offers(&t.s, EHLO_DSN, 0), table[i].dsn);
        assert_int_equal(smtp_offers(&t.s, EHLO_8BITMIME, 0), table[i].eightbit);
        assert_false(smtp_offers(&t.s, EHLO_8BITMIME, STUMBLE_BODY));
        assert_true(smtp_offers(&t.s, EHLO_SMTPUTF8, 0));
        assert_false(smtp_offers(&t.s, EHLO_CHUNKING, 0));
        assert_int_equal(t.got[1][0], 1);
        assert_int_equal(smtp_stumbles(&t.s), 0);
        talk_free(&t);
        mails_free(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fallbacks),
        cmocka_unit_test(test_avoided),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
