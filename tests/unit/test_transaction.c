// SPDX-License-Identifier: ISC
// links: smtp
// Transactions against a server made of arrays: what each reply does to whom, and how much is
// under way at once.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "unit/smtp_server.h"

// ---- Scenarios

struct scenario {
    const char *capabilities;
    size_t messages, recipients;
    struct rule rules[4];
    const char *log; // behind EHLO
    unsigned rounds; // from connecting to the last reply; 0 is not looked at
    bool chunking;
};

#define MAIL1 "> MAIL FROM:<a1@b>\n"
#define MAIL2 "> MAIL FROM:<a2@b>\n"
#define R0    "> RCPT TO:<r0@x>\n"
#define R1    "> RCPT TO:<r1@x>\n"
#define DATA  "> DATA\n"
#define DOT   "> .\n"
#define QUIT  "> QUIT\n"
#define RSET  "> RSET\n"
#define DONE1 "message 1: delivered message 250 2.0.0 taken\n"
#define DONE2 "message 2: delivered message 250 2.0.0 taken\n"
#define NONE1 "message 1: deferred message 0 4.5.0 no recipient was accepted\n"
#define LOST  "session: deferred session 0 4.4.2 connection closed while waiting for "

static const struct scenario scenarios[] = {
    // one after the other, and overlapped
    {"", 1, 1, {{0}}, MAIL1 R0 DATA DOT DONE1 QUIT, 8, false},
    {"", 2, 2, {{0}}, MAIL1 R0 R1 DATA DOT DONE1 MAIL2 R0 R1 DATA DOT DONE2 QUIT, 0, false},
    {"250 PIPELINING", 1, 1, {{0}}, MAIL1 R0 DATA DOT QUIT DONE1, 5, false},
    {"250 PIPELINING",
     2,
     2,
     {{0}},
     MAIL1 R0 R1 DATA DOT MAIL2 R0 R1 DATA DONE1 DOT QUIT DONE2,
     6,
     false},
    // a recipient refused beside another
    {"",
     1,
     2,
     {{"RCPT TO:<r0", 0, "550 5.1.1 who?", 0}},
     MAIL1 R0 "recipient 1 0: failed recipient 550 5.1.1 who?\n" R1 DATA DOT DONE1 QUIT,
     0,
     false},
    {"250 PIPELINING",
     1,
     2,
     {{"RCPT TO:<r1", 0, "450 4.2.0 greylisted", 0}},
     MAIL1 R0 R1 DATA "recipient 1 1: deferred recipient 450 4.2.0 greylisted\n" DOT QUIT DONE1,
     0,
     false},
    // all of them refused
    {"",
     2,
     1,
     {{"RCPT", 1, "550 5.1.1 who?", 0}},
     MAIL1 R0
     "recipient 1 0: failed recipient 550 5.1.1 who?\n" NONE1 RSET MAIL2 R0 DATA DOT DONE2 QUIT,
     0,
     false},
    {"250 PIPELINING",
     2,
     1,
     {{"RCPT", 1, "550 5.1.1 who?", 0}},
     MAIL1 R0 DATA
     "recipient 1 0: failed recipient 550 5.1.1 who?\n" NONE1 RSET MAIL2 R0 DATA DOT QUIT DONE2,
     0,
     false},
    // all of them refused, and yet the server wants the message
    {"250 PIPELINING",
     2,
     1,
     {{"RCPT", 1, "550 5.1.1 who?", 0}, {"DATA", 1, "354 go", 0}},
     MAIL1 R0 DATA
     "recipient 1 0: failed recipient 550 5.1.1 who?\n" DOT MAIL2 R0 DATA NONE1 DOT QUIT DONE2,
     0,
     false},
    {"250 PIPELINING",
     1,
     1,
     {{"RCPT", 1, "550 5.1.1 who?", 0}, {"DATA", 1, "354 go", 0}, {".", 1, "250 fine", 0}},
     MAIL1 R0 DATA "recipient 1 0: failed recipient 550 5.1.1 who?\n" DOT QUIT NONE1,
     0,
     false},
    // MAIL refused
    {"",
     2,
     1,
     {{"MAIL", 1, "550 5.1.8 you?", 0}},
     MAIL1 "message 1: failed message 550 5.1.8 you?\n" MAIL2 R0 DATA DOT DONE2 QUIT,
     0,
     false},
    {"250 PIPELINING",
     2,
     1,
     {{"MAIL", 1, "452 4.3.1 full", 0}},
     MAIL1 R0 DATA "message 1: deferred message 452 4.3.1 full\n" MAIL2 R0 DATA DOT QUIT DONE2,
     0,
     false},
    {"250 PIPELINING",
     1,
     1,
     {{"MAIL", 1, "550 5.1.8 you?", 0}, {"DATA", 1, "354 go", 0}},
     MAIL1 R0 DATA
     "message 1: failed message 550 5.1.8 you?\n"
     "session: deferred session 0 4.5.1 the smarthost wants a message whose sender "
     "it refused\n",
     0,
     false},
    {"250 PIPELINING",
     2,
     1,
     {{"MAIL", 1, "530 5.7.57 who are you?", 0}},
     MAIL1 R0 DATA "message 1: deferred session 530 5.7.57 who are you?\n"
                   "session: deferred session 530 5.7.57 who are you?\n",
     0,
     false},
    {"",
     1,
     1,
     {{"MAIL", 1, "503 5.5.1 nested", 0}},
     MAIL1 "message 1: deferred message 503 5.5.1 nested\n" QUIT,
     0,
     false},
    // DATA refused
    {"",
     2,
     1,
     {{"DATA", 1, "554 5.7.1 spam", 0}},
     MAIL1 R0 DATA
     "message 1: failed message 554 5.7.1 spam\n" RSET MAIL2 R0 DATA DOT DONE2 QUIT,
     0,
     false},
    {"250 PIPELINING",
     1,
     2,
     {{"DATA", 1, "451 4.3.0 wait", 0}, {"RCPT", 1, "550 5.1.1 who?", 0}},
     MAIL1 R0 R1 DATA "recipient 1 0: failed recipient 550 5.1.1 who?\n"
                      "message 1: deferred message 451 4.3.0 wait\n" QUIT,
     0,
     false},
    {"",
     1,
     1,
     {{"DATA", 1, "250 odd", 0}},
     MAIL1 R0 DATA "message 1: deferred session 0 4.5.0 unexpected reply to DATA: 250\n"
                   "session: deferred session 0 4.5.0 unexpected reply to DATA: 250\n",
     0,
     false},
    // the end refused
    {"",
     2,
     1,
     {{".", 1, "554 5.2.252 SendAsDenied", 0}},
     MAIL1 R0 DATA DOT
     "message 1: failed message 554 5.2.252 SendAsDenied\n" MAIL2 R0 DATA DOT DONE2 QUIT,
     0,
     false},
    {"250 PIPELINING",
     2,
     1,
     {{".", 1, "451 4.3.0 wait", 0}},
     MAIL1 R0 DATA DOT MAIL2 R0 DATA
     "message 1: deferred message 451 4.3.0 wait\n" DOT QUIT DONE2,
     0,
     false},
    // codes that are no ground for giving up
    {"",
     1,
     2,
     {{"RCPT TO:<r0", 0, "552 too many", 0}, {"RCPT TO:<r1", 0, "552 5.5.3 too many", 0}},
     MAIL1 R0 "recipient 1 0: deferred recipient 552 5.0.0 too many\n" R1
              "recipient 1 1: deferred recipient 552 5.5.3 too many\n" NONE1 QUIT,
     0,
     false},
    {"",
     1,
     1,
     {{"RCPT", 0, "552 5.2.2 full", 0}},
     MAIL1 R0 "recipient 1 0: failed recipient 552 5.2.2 full\n" NONE1 QUIT,
     0,
     false},
    {"",
     1,
     1,
     {{"RCPT", 0, "530 5.7.1 authenticate", 0}},
     MAIL1 R0 "recipient 1 0: deferred recipient 530 5.7.1 authenticate\n" NONE1 QUIT,
     0,
     false},
    // 421, and what was refused before it stays refused
    {"250 PIPELINING",
     1,
     2,
     {{"RCPT", 1, "550 5.1.1 who?", 0}, {"RCPT", 2, "421 bye", 1}},
     MAIL1 R0 R1 "recipient 1 0: failed recipient 550 5.1.1 who?\n"
                 "message 1: deferred session 421 4.0.0 bye\n"
                 "session: deferred session 421 4.0.0 bye\n",
     0,
     false},
    {"250 PIPELINING",
     2,
     1,
     {{".", 1, "421 4.3.2 bye", 1}},
     MAIL1 R0 DATA DOT "message 1: deferred session 421 4.3.2 bye\n"
                       "message 2: deferred session 421 4.3.2 bye\n"
                       "session: deferred session 421 4.3.2 bye\n",
     0,
     false},
    {"250 PIPELINING",
     2,
     1,
     {{"MAIL", 2, "421 4.3.2 bye", 1}},
     MAIL1 R0 DATA DOT MAIL2 DONE1 "message 2: deferred session 421 4.3.2 bye\n"
                                   "session: deferred session 421 4.3.2 bye\n",
     0,
     false},
    // the line breaks
    {"250 PIPELINING",
     2,
     1,
     {{".", 1, HANGUP, 0}},
     MAIL1 R0 DATA DOT
     "message 1: deferred session 0 4.4.2 doubt connection closed while waiting for end of "
     "message\n"
     "message 2: deferred session 0 4.4.2 connection closed while waiting for end of "
     "message\n" LOST "end of message\n",
     0,
     false},
    {"",
     1,
     1,
     {{".", 1, SILENCE, 0}},
     MAIL1 R0 DATA DOT
     "message 1: deferred session 0 4.4.2 doubt timeout while waiting for end of message\n"
     "session: deferred session 0 4.4.2 timeout while waiting for end of message\n",
     0,
     false},
    {"",
     1,
     1,
     {{".", 1, "354 what?", 0}},
     MAIL1 R0 DATA DOT
     "message 1: deferred session 0 4.5.0 doubt unexpected reply to end of message: 354\n"
     "session: deferred session 0 4.5.0 unexpected reply to end of message: 354\n",
     0,
     false},
    {"",
     1,
     1,
     {{".", 1, "250-a\r\n550 b", 0}},
     MAIL1 R0 DATA DOT
     "message 1: deferred session 0 4.5.0 doubt the reply to end of message is not SMTP\n"
     "session: deferred session 0 4.5.0 the reply to end of message is not SMTP\n",
     0,
     false},
    {"250 PIPELINING",
     1,
     1,
     {{"DATA", 1, HANGUP, 0}},
     MAIL1 R0 DATA
     "message 1: deferred session 0 4.4.2 connection closed while waiting for DATA\n" LOST
     "DATA\n",
     0,
     false},
    // more replies than commands
    {"",
     1,
     1,
     {{"MAIL", 1, "250 ok\r\n250 ok", 0}},
     MAIL1 "message 1: deferred session 0 4.5.0 unexpected reply while waiting for RCPT: 250\n"
           "session: deferred session 0 4.5.0 unexpected reply while waiting for RCPT: 250\n",
     0,
     false},
    {"250 PIPELINING",
     1,
     1,
     {{"DATA", 1, "354 go\r\n250 taken", 0}},
     MAIL1 R0 DATA
     "message 1: deferred session 0 4.5.0 unexpected reply while waiting for message: 250\n"
     "session: deferred session 0 4.5.0 unexpected reply while waiting for message: 250\n",
     0,
     false},
    {"250 PIPELINING",
     1,
     1,
     {{"DATA", 1, "354 go\r\n552 5.3.4 too big", 0}},
     MAIL1 R0 DATA
     "message 1: deferred message 552 5.3.4 too big\n"
     "session: deferred session 0 4.5.0 unexpected reply while waiting for message: 552\n",
     0,
     false},
    {"250 PIPELINING",
     1,
     1,
     {{"DATA", 1, "354 go\r\n421 4.3.2 bye", 0}},
     MAIL1 R0 DATA "message 1: deferred session 421 4.3.2 bye\n"
                   "session: deferred session 421 4.3.2 bye\n",
     0,
     false},
    // RSET refused
    {"",
     2,
     1,
     {{"RCPT", 1, "550 5.1.1 who?", 0}, {"RSET", 1, "500 what?", 0}},
     MAIL1 R0 "recipient 1 0: failed recipient 550 5.1.1 who?\n" NONE1 RSET
              "message 2: deferred session 500 5.0.0 what?\n"
              "session: deferred session 500 5.0.0 what?\n",
     0,
     false},
    // what can not be said is not tried
    {"250 SIZE 10",
     1,
     1,
     {{0}},
     "message 1: failed message 0 5.3.4 larger than the smarthost takes\n" QUIT,
     0,
     false},
    {"250 SIZE 1000",
     1,
     1,
     {{0}},
     "> MAIL FROM:<a1@b> SIZE=32\n" R0 DATA DOT DONE1 QUIT,
     0,
     false},
    // BDAT
    {"250-CHUNKING\r\n250 PIPELINING",
     1,
     1,
     {{0}},
     MAIL1 R0 "> BDAT 32 LAST\n" DONE1 QUIT,
     5,
     true},
    {"250-CHUNKING\r\n250 PIPELINING",
     2,
     1,
     {{0}},
     MAIL1 R0 "> BDAT 32 LAST\n" RSET MAIL2 R0 "> BDAT 32 LAST\n" DONE1 DONE2 QUIT,
     5,
     true},
    {"250 CHUNKING", 1, 1, {{0}}, MAIL1 R0 "> BDAT 32 LAST\n" DONE1 QUIT, 7, true},
    {"250 PIPELINING", 1, 1, {{0}}, MAIL1 R0 DATA DOT QUIT DONE1, 0, true},
    {"250-CHUNKING\r\n250 PIPELINING",
     2,
     1,
     {{"RCPT", 1, "550 5.1.1 who?", 0}},
     MAIL1 R0 "> BDAT 32 LAST\n" RSET MAIL2 R0 "> BDAT 32 LAST\n"
              "recipient 1 0: failed recipient 550 5.1.1 who?\n" NONE1 DONE2 QUIT,
     0,
     true},
    {"250 CHUNKING",
     1,
     1,
     {{"RCPT", 1, "550 5.1.1 who?", 0}},
     MAIL1 R0 "recipient 1 0: failed recipient 550 5.1.1 who?\n" NONE1 QUIT,
     0,
     true},
    {"250-CHUNKING\r\n250 PIPELINING",
     2,
     1,
     {{".", 1, "554 5.7.1 spam", 0}},
     MAIL1 R0 "> BDAT 32 LAST\n" RSET MAIL2 R0 "> BDAT 32 LAST\n"
              "message 1: failed message 554 5.7.1 spam\n" DONE2 QUIT,
     0,
     true},
    // A server that offers BDAT and stumbles over it judges nothing; what follows goes by DATA.
    {"250 CHUNKING",
     2,
     1,
     {{".", 1, "500 5.5.1 what?", 0}},
     MAIL1 R0 "> BDAT 32 LAST\n"
              "message 1: deferred message 500 5.5.1 what? again\n" RSET MAIL1 R0 DATA DOT DONE1
                  MAIL2 R0 DATA DOT DONE2 QUIT,
     0,
     true},
    {"250-CHUNKING\r\n250 PIPELINING",
     2,
     1,
     {{".", 1, "504 no", 0}},
     MAIL1 R0
     "> BDAT 32 LAST\n" RSET MAIL2 R0 "> BDAT 32 LAST\n"
     "message 1: deferred message 504 5.0.0 no again\n" DONE2 RSET MAIL1 R0 DATA DOT QUIT DONE1,
     0,
     true},
    {"250-CHUNKING\r\n250 PIPELINING",
     2,
     1,
     {{".", 1, HANGUP, 0}},
     MAIL1 R0
     "> BDAT 32 LAST\n"
     "message 1: deferred session 0 4.4.2 doubt connection closed while waiting for end "
     "of message\n"
     "message 2: deferred session 0 4.4.2 doubt connection closed while waiting for end "
     "of message\n" LOST "end of message\n",
     0,
     true},
};

static void run_scenario(const struct scenario *c, size_t feed_size, size_t sent_size)
{
    struct talk t;
    struct mails m;
    struct buf log = BUF_INIT(100000);
    mails_init(&m, c->messages, c->recipients);
    talk_init(&t, c->capabilities, c->rules);
    talk_mails(&t, &m);
    t.options.chunking = c->chunking;
    t.feed_size = feed_size;
    t.sent_size = sent_size;
    buf_printf(&log, "> EHLO client.example\n%s", c->log);
    assert_string_equal(talk_run(&t), buf_str(&log));
    if (c->rounds && !feed_size)
        assert_int_equal(t.rounds, c->rounds);
    talk_free(&t);
    mails_free(&m);
    buf_free(&log);
}

static void test_scenarios(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        run_scenario(&scenarios[i], 0, 0);
        run_scenario(&scenarios[i], 0, 1);
    }
}

// ---- What an envelope holds

static void test_refused_here(void **state)
{
    (void)state;
    struct talk t;
    struct mails m;
    mails_init(&m, 2, 1);
    assert_true(envelope_add(&m.envelopes[0], SPAN("\xc3\xa4@x"), SPAN("")));
    assert_true(envelope_add(&m.envelopes[0], SPAN("c> SIZE=1 <@x"), SPAN("")));
    assert_true(envelope_add(&m.envelopes[0], SPAN("d@x"), SPAN("NOTIFY=NEVER")));
    assert_true(envelope_set_sender(&m.envelopes[1], SPAN("\xc3\xa4@x")));
    talk_init(&t, "250-DSN\r\n250 PIPELINING", NULL);
    talk_mails(&t, &m);
    assert_string_equal(
        talk_run(&t),
        "> EHLO client.example\n"
        "recipient 1 1: failed recipient 0 5.6.7 the smarthost does not offer SMTPUTF8\n"
        "recipient 1 2: failed recipient 0 5.1.3 not a mailbox that SMTP can carry\n" MAIL1 R0
        "> RCPT TO:<d@x> NOTIFY=NEVER\n" DATA DOT QUIT DONE1
        "message 2: failed message 0 5.6.7 the smarthost does not offer SMTPUTF8\n");
    talk_free(&t);
    mails_free(&m);
}

static void test_nobody_left_here(void **state)
{
    (void)state;
    static const char *const capabilities[] = {"", "250 PIPELINING",
                                               "250-CHUNKING\r\n250 PIPELINING"};
    for (size_t c = 0; c < 3; c++) {
        struct talk t;
        struct mails m;
        mails_init(&m, 2, 1);
        envelope_free(&m.envelopes[0]);
        envelope_init(&m.envelopes[0]);
        assert_true(envelope_add(&m.envelopes[0], SPAN("\xc3\xa4@x"), SPAN("")));
        talk_init(&t, capabilities[c], NULL);
        talk_mails(&t, &m);
        t.options.chunking = c == 2;
        t.commands = false;
        assert_string_equal(talk_run(&t), "recipient 1 0: failed recipient 0 5.6.7 the "
                                          "smarthost does not offer SMTPUTF8\n" NONE1 DONE2);
        talk_free(&t);
        mails_free(&m);
    }
}

static void test_smtputf8(void **state)
{
    (void)state;
    struct talk t;
    struct mails m;
    mails_init(&m, 1, 1);
    assert_true(envelope_add(&m.envelopes[0], SPAN("\xc3\xa4@x"), SPAN("")));
    assert_true(envelope_set_options(&m.envelopes[0], SPAN("RET=HDRS")));
    talk_init(&t, "250-SMTPUTF8\r\n250-8BITMIME\r\n250 DSN", NULL);
    talk_mails(&t, &m);
    m.messages[0].eightbit = true;
    assert_string_equal(talk_run(&t), "> EHLO client.example\n"
                                      "> MAIL FROM:<a1@b> BODY=8BITMIME SMTPUTF8 RET=HDRS\n" R0
                                      "> RCPT TO:<\xc3\xa4@x>\n" DATA DOT DONE1 QUIT);
    talk_free(&t);
    mails_free(&m);
}

// Settled recipients are left out, and a transaction may be for a part of the others.
static void test_some_recipients(void **state)
{
    (void)state;
    static const struct {
        size_t first, count;
        const char *log;
    } parts[] = {
        {0, SIZE_MAX, R0 "> RCPT TO:<r2@x>\n> RCPT TO:<r3@x>\n"},
        {0, 2, R0},
        {1, 2, "> RCPT TO:<r2@x>\n"},
        {2, SIZE_MAX, "> RCPT TO:<r2@x>\n> RCPT TO:<r3@x>\n"},
        {3, 1, "> RCPT TO:<r3@x>\n"},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct talk t;
        struct mails m;
        struct buf log = BUF_INIT(10000);
        mails_init(&m, 1, 4);
        envelope_recipient(&m.envelopes[0], 1)->status = RECIPIENT_DELIVERED;
        m.messages[0].first = parts[i].first;
        m.messages[0].count = parts[i].count;
        talk_init(&t, "", NULL);
        talk_mails(&t, &m);
        buf_printf(&log, "> EHLO client.example\n" MAIL1 "%s" DATA DOT DONE1 QUIT,
                   parts[i].log);
        assert_string_equal(talk_run(&t), buf_str(&log));
        talk_free(&t);
        mails_free(&m);
        buf_free(&log);
    }
}

// More recipients than replies may be outstanding; every third is refused.
static void test_many_recipients(void **state)
{
    (void)state;
    static const char *const capabilities[] = {"", "250 PIPELINING",
                                               "250-CHUNKING\r\n250 PIPELINING"};
    for (size_t c = 0; c < 3; c++) {
        struct talk t;
        struct mails m;
        struct buf log = BUF_INIT(1 << 20);
        static struct rule rules[1001];
        static char prefixes[1000][24];
        memset(rules, 0, sizeof rules);
        for (size_t i = 0; i < 1000; i += 3) {
            snprintf(prefixes[i / 3], sizeof prefixes[0], "RCPT TO:<r%zu@", i);
            rules[i / 3] = (struct rule){prefixes[i / 3], 0, "550 5.1.1 who?", false};
            buf_printf(&log, "recipient 1 %zu: failed recipient 550 5.1.1 who?\n", i);
        }
        buf_puts(&log, DONE1);
        mails_init(&m, 1, 1000);
        talk_init(&t, capabilities[c], rules);
        talk_mails(&t, &m);
        t.options.chunking = true;
        t.commands = false;
        assert_string_equal(talk_run(&t), buf_str(&log));
        assert_int_equal(t.accepted[1], 1);
        if (c > 0)
            assert_true(t.rounds < 20);
        talk_free(&t);
        mails_free(&m);
        buf_free(&log);
    }
}

// ---- How much at once

static void test_one_round_trip_for_each(void **state)
{
    (void)state;
    struct talk t;
    struct mails m;
    mails_init(&m, 60, 3);
    talk_init(&t, "250 PIPELINING", NULL);
    talk_mails(&t, &m);
    (void)talk_run(&t);
    for (size_t i = 1; i <= 60; i++)
        assert_int_equal(t.accepted[i], 1);
    // greeting, EHLO, the first envelope, and then each message along with the next envelope
    assert_int_equal(t.rounds, 3 + 60 + 1);
    assert_false(t.session_ended);
    talk_free(&t);

    talk_init(&t, "250 PIPELINING", NULL);
    talk_mails(&t, &m);
    t.options.depth = 1;
    (void)talk_run(&t);
    for (size_t i = 1; i <= 60; i++)
        assert_int_equal(t.accepted[i], 1);
    assert_int_equal(t.rounds, 2 + 2 * 60 + 1);
    talk_free(&t);

    talk_init(&t, "250-CHUNKING\r\n250 PIPELINING", NULL);
    talk_mails(&t, &m);
    t.options.chunking = true;
    t.options.depth = 20;
    (void)talk_run(&t);
    for (size_t i = 1; i <= 60; i++)
        assert_int_equal(t.accepted[i], 1);
    assert_int_equal(t.rounds, 2 + 60 / 20 + 1);
    talk_free(&t);
    mails_free(&m);
}

// Of 20 messages one is refused in the midst, wherever it may be: the others arrive, and no
// round trip more is needed. Where none is refused, nothing is reset that waits for an answer.
static void test_a_refusal_costs_no_round_trip(void **state)
{
    (void)state;
    static const char *const capabilities[] = {"250 PIPELINING",
                                               "250-CHUNKING\r\n250 PIPELINING"};
    static const struct rule refusals[] = {
        {NULL, 0, NULL, false},
        {"MAIL FROM:<a9@", 0, "550 5.7.1 you?", false},
        {"RCPT", 9, "550 5.1.1 who?", false},
        {".", 9, "554 5.7.1 spam", false},
    };
    for (size_t c = 0; c < 2; c++) {
        unsigned clean = 0;
        for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
            struct talk t;
            struct mails m;
            const struct rule rules[] = {refusals[i], {0}};
            unsigned arrived = 0;
            mails_init(&m, 20, 1);
            talk_init(&t, capabilities[c], rules);
            talk_mails(&t, &m);
            t.options.chunking = true;
            t.options.depth = 5;
            const char *log = talk_run(&t);
            if (i == 0) {
                clean = t.rounds;
                assert_true(c == 1 || !strstr(log, RSET));
            }
            if (t.rounds > clean)
                fail_msg("%zu %zu: %u rounds, not %u", c, i, t.rounds, clean);
            for (size_t tag = 1; tag <= 20; tag++)
                arrived += t.accepted[tag];
            assert_int_equal(arrived, i == 0 ? 20 : 19);
            talk_free(&t);
            mails_free(&m);
        }
    }
}

static const char *content_big(uint32_t tag)
{
    static char text[600000];
    size_t n = 0;
    while (n + 100 < sizeof text)
        n += (size_t)snprintf(text + n, sizeof text - n, ".line at %zu\n", n);
    snprintf(text + n, sizeof text - n, "end %u\n", tag);
    return text;
}

// A message of any size passes through a buffer of fixed size.
static void test_big_messages(void **state)
{
    (void)state;
    static const char *const capabilities[] = {
        "", "250 PIPELINING", "250-CHUNKING\r\n250 PIPELINING", "250 CHUNKING"};
    for (size_t c = 0; c < 4; c++) {
        struct talk t;
        struct mails m;
        mails_init(&m, 3, 1);
        for (size_t i = 0; i < 3; i++)
            m.messages[i].size = 700000;
        talk_init(&t, capabilities[c], NULL);
        talk_mails(&t, &m);
        t.options.chunking = true;
        t.options.depth = 8;
        t.content = content_big;
        t.commands = false;
        (void)talk_run(&t);
        for (size_t i = 1; i <= 3; i++)
            assert_int_equal(t.accepted[i], 1);
        assert_true(t.s.out.size == 0 || t.s.out.size < 512 * 1024);
        talk_free(&t);
        mails_free(&m);
    }
}

// A chunk is refused: the rest of the message is not sent, the next message is.
static void test_chunk_refused(void **state)
{
    (void)state;
    static const char *const capabilities[] = {"250-CHUNKING\r\n250 PIPELINING",
                                               "250 CHUNKING"};
    for (size_t c = 0; c < 2; c++)
        for (unsigned nth = 1; nth < 4; nth++) {
            struct talk t;
            struct mails m;
            const struct rule rules[] = {{"BDAT", nth, "552 5.3.4 too big", false}, {0}};
            mails_init(&m, 2, 1);
            m.messages[0].size = m.messages[1].size = 700000;
            talk_init(&t, capabilities[c], rules);
            talk_mails(&t, &m);
            t.options.chunking = true;
            t.content = content_big;
            t.commands = false;
            assert_string_equal(talk_run(&t),
                                "message 1: failed message 552 5.3.4 too big\n" DONE2);
            assert_int_equal(t.accepted[1], 0);
            assert_int_equal(t.accepted[2], 1);
            talk_free(&t);
            mails_free(&m);
        }
}

// A server that does not know the BDAT it offers gets the message again, by DATA, after a lone
// RSET; QUIT waits for that. Recipients that had their word are not asked again.
static void test_chunk_unknown(void **state)
{
    (void)state;
    static const char *const replies[] = {"502 5.5.1 what?", "500 5.5.2 what?",
                                          "503 5.5.1 not now"};
    static const char *const capabilities[] = {"250-CHUNKING\r\n250 PIPELINING",
                                               "250 CHUNKING"};
    for (size_t c = 0; c < 2; c++)
        for (size_t i = 0; i < 3; i++) {
            struct talk t;
            struct mails m;
            const struct rule rules[] = {
                {"BDAT", 1, replies[i], false}, {"RCPT TO:<r1", 1, "550 5.1.1 who?", 0}, {0}};
            mails_init(&m, 1, 2);
            talk_init(&t, capabilities[c], rules);
            talk_mails(&t, &m);
            t.options.chunking = true;
            const char *log = talk_run(&t);
            assert_non_null(strstr(log, "recipient 1 1: failed recipient 550 5.1.1 who?\n"));
            assert_non_null(strstr(log, " again\n" RSET MAIL1 R0 DATA DOT));
            assert_string_equal(strstr(log, "> DATA\n"),
                                c == 0 ? DATA DOT QUIT DONE1 : DATA DOT DONE1 QUIT);
            assert_int_equal(smtp_stumbles(&t.s), STUMBLE_CHUNKING);
            assert_int_equal(t.accepted[1], 1);
            assert_false(t.session_ended);
            talk_free(&t);
            mails_free(&m);
        }
}

// What was learned of a server is kept to from the start.
static void test_avoid(void **state)
{
    (void)state;
    static const char capabilities[] = "250-CHUNKING\r\n250 PIPELINING";
    static const struct {
        unsigned avoid;
        const char *log;
    } table[] = {
        {STUMBLE_CHUNKING, MAIL1 R0 DATA DOT QUIT DONE1},
        {STUMBLE_CHUNKING | STUMBLE_PIPELINING, MAIL1 R0 DATA DOT DONE1 QUIT},
        {STUMBLE_PIPELINING, MAIL1 R0 "> BDAT 32 LAST\n" DONE1 QUIT},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct talk t;
        struct mails m;
        mails_init(&m, 1, 1);
        talk_init(&t, capabilities, NULL);
        talk_mails(&t, &m);
        t.options.chunking = true;
        t.options.avoid = table[i].avoid;
        const char *log = talk_run(&t);
        assert_string_equal(strstr(log, "> MAIL"), table[i].log);
        assert_int_equal(t.rounds, i == 0 ? 5 : i == 1 ? 8 : 7);
        assert_int_equal(smtp_stumbles(&t.s), 0);
        talk_free(&t);
        mails_free(&m);
    }
}

// A server that closes on commands in a group, or loses count of its replies, is found out; one
// that has answered a group before is not to blame for the line.
static void test_groups_suspected(void **state)
{
    (void)state;
    static const struct {
        const char *capabilities;
        struct rule rule;
        unsigned stumbles;
    } table[] = {
        {"250 PIPELINING", {"MAIL", 1, HANGUP, false}, STUMBLE_PIPELINING},
        {"250 PIPELINING", {"MAIL", 1, SILENCE, false}, STUMBLE_PIPELINING},
        {"250 PIPELINING", {"MAIL", 1, "250 x", true}, STUMBLE_PIPELINING},
        {"250 PIPELINING", {"MAIL", 1, "354 x", false}, STUMBLE_PIPELINING},
        {"250 PIPELINING", {"MAIL", 1, "what", false}, STUMBLE_PIPELINING},
        {"250 PIPELINING", {"MAIL", 1, "421 busy", true}, 0},
        {"250 PIPELINING", {"DATA", 1, HANGUP, false}, 0},
        {"250 PIPELINING", {"MAIL", 2, HANGUP, false}, 0},
        {"250 8BITMIME", {"MAIL", 1, HANGUP, false}, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct talk t;
        struct mails m;
        const struct rule rules[] = {table[i].rule, {0}};
        mails_init(&m, 2, 1);
        talk_init(&t, table[i].capabilities, rules);
        talk_mails(&t, &m);
        talk_run(&t);
        if (smtp_stumbles(&t.s) != table[i].stumbles)
            fail_msg("%zu: %u", i, smtp_stumbles(&t.s));
        talk_free(&t);
        mails_free(&m);
    }
}

static void test_back_pressure(void **state)
{
    (void)state;
    struct smtp s;
    struct smtp_options o;
    struct mails m;
    static char piece[SMTP_BODY_MAX];
    memset(piece, '\n', sizeof piece);
    mails_init(&m, 1, 1);
    smtp_options_init(&o);
    o.tls = SMTP_TLS_NONE;
    o.helo = "me";
    smtp_init(&s, &o);
    static const char *const replies[] = {"220 x\r\n", "250 x\r\n", "250 x\r\n", "250 x\r\n",
                                          "354 x\r\n"};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(smtp_feed(&s, replies[i], strlen(replies[i])), strlen(replies[i]));
        if (smtp_wants(&s) & SMTP_MAIL)
            smtp_mail(&s, m.messages);
        smtp_sent(&s, smtp_queued(&s));
    }
    assert_int_equal(smtp_wants(&s), SMTP_INPUT | SMTP_BODY);
    while (smtp_wants(&s) & SMTP_BODY)
        smtp_body(&s, piece, sizeof piece);
    assert_true(smtp_queued(&s) >= SMTP_OUTPUT_MARK);
    assert_true(smtp_queued(&s) < SMTP_OUTPUT_MARK + 2 * SMTP_BODY_MAX);
    // Whatever is sent, and in whatever pieces, the buffer does not grow without end.
    for (int i = 0; i < 2000; i++) {
        smtp_sent(&s, 1009);
        if (smtp_wants(&s) & SMTP_BODY)
            smtp_body(&s, piece, sizeof piece);
    }
    assert_false(smtp_wants(&s) & SMTP_CLOSED);
    smtp_free(&s);
    mails_free(&m);
}

// ---- A message that can not be read

static const char *content_second_fails(uint32_t tag)
{
    return tag == 2 ? "" : content_plain(tag);
}

static void test_abort(void **state)
{
    (void)state;
    static const char *const capabilities[] = {"", "250 PIPELINING",
                                               "250-CHUNKING\r\n250 PIPELINING"};
    for (size_t c = 0; c < 3; c++) {
        struct talk t;
        struct mails m;
        mails_init(&m, 3, 1);
        talk_init(&t, capabilities[c], NULL);
        talk_mails(&t, &m);
        t.commands = false;
        t.content = content_second_fails;
        assert_string_equal(talk_run(&t),
                            DONE1 "message 2: deferred message 0 4.3.0 file ends early\n"
                                  "session: deferred session 0 4.3.0 file ends early\n");
        assert_int_equal(t.accepted[2], 0);
        talk_free(&t);
        mails_free(&m);
    }
}

// A refusal in the midst of a message: what is still in the buffer stays there.
static void test_end_is_held_back(void **state)
{
    (void)state;
    struct smtp s;
    struct smtp_options o;
    struct smtp_event e;
    struct mails m;
    mails_init(&m, 1, 1);
    smtp_options_init(&o);
    o.tls = SMTP_TLS_NONE;
    o.helo = "me";
    static const char *const replies[] = {"220 x\r\n", "250 x\r\n", "250 x\r\n", "250 x\r\n",
                                          "354 x\r\n"};
    static const char *const early[] = {"552 5.3.4 too big\r\n", "250 fine\r\n"};
    for (size_t c = 0; c < 2; c++) {
        smtp_init(&s, &o);
        for (size_t i = 0; i < 5; i++) {
            assert_int_equal(smtp_feed(&s, replies[i], strlen(replies[i])), strlen(replies[i]));
            if (smtp_wants(&s) & SMTP_MAIL)
                smtp_mail(&s, m.messages);
            smtp_sent(&s, smtp_queued(&s));
        }
        smtp_body(&s, "text\n", 5);
        smtp_body_end(&s);
        smtp_sent(&s, smtp_queued(&s) - 1);
        assert_int_equal(smtp_feed(&s, early[c], 3), 3);
        assert_int_equal(smtp_wants(&s), SMTP_INPUT);
        assert_int_equal(smtp_feed(&s, early[c] + 3, strlen(early[c]) - 3),
                         strlen(early[c]) - 3);
        assert_int_equal(smtp_wants(&s), SMTP_EVENT | SMTP_CLOSED);
        assert_true(smtp_next(&s, &e));
        assert_int_equal(e.kind, SMTP_ON_MESSAGE);
        assert_int_equal(e.outcome.verdict, VERDICT_DEFERRED);
        assert_int_equal(e.outcome.scope, c == 0 ? SCOPE_MESSAGE : SCOPE_SESSION);
        assert_false(e.outcome.doubt);
        smtp_free(&s);

        // Likewise where the message is not at its end.
        smtp_init(&s, &o);
        for (size_t i = 0; i < 5; i++) {
            assert_int_equal(smtp_feed(&s, replies[i], strlen(replies[i])), strlen(replies[i]));
            if (smtp_wants(&s) & SMTP_MAIL)
                smtp_mail(&s, m.messages);
            smtp_sent(&s, smtp_queued(&s));
        }
        smtp_body(&s, "text\n", 5);
        assert_int_equal(smtp_feed(&s, early[c], 3), 3);
        assert_int_equal(smtp_wants(&s), SMTP_INPUT);
        smtp_body_end(&s);
        assert_int_equal(smtp_wants(&s), SMTP_EVENT | SMTP_CLOSED);
        assert_true(smtp_next(&s, &e));
        assert_int_equal(e.outcome.verdict, VERDICT_DEFERRED);
        smtp_free(&s);
    }
    mails_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scenarios),
        cmocka_unit_test(test_refused_here),
        cmocka_unit_test(test_nobody_left_here),
        cmocka_unit_test(test_smtputf8),
        cmocka_unit_test(test_some_recipients),
        cmocka_unit_test(test_many_recipients),
        cmocka_unit_test(test_one_round_trip_for_each),
        cmocka_unit_test(test_a_refusal_costs_no_round_trip),
        cmocka_unit_test(test_big_messages),
        cmocka_unit_test(test_chunk_refused),
        cmocka_unit_test(test_chunk_unknown),
        cmocka_unit_test(test_avoid),
        cmocka_unit_test(test_groups_suspected),
        cmocka_unit_test(test_back_pressure),
        cmocka_unit_test(test_abort),
        cmocka_unit_test(test_end_is_held_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
