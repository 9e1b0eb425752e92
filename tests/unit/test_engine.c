// SPDX-License-Identifier: ISC
// links: smtp
// The walk: every command meets every kind of answer, in every kind of session. Nothing may
// stand still, and what is said of a message must be what became of it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "unit/smtp_server.h"

#define EMPTY "! part of a message, or nobody to take it\n"

static const char *const walk_commands[] = {"EHLO", "HELO", "STARTTLS", "AUTH", "cmVz",
                                            "*",    "RSET", "MAIL",     "RCPT", "DATA",
                                            ".",    "BDAT", "QUIT"};
static const char *const walk_answers[] = {
    "200 ok",         "220 ok",      "235 ok",        "250 ok",
    "250-a\r\n250 b", "299 ok",      "334 ",          "334 Y2hhbGxlbmdl",
    "354 go",         "399 go",      "421 4.3.2 bye", "450 4.2.0 x",
    "451 4.3.0 x",    "452 x",       "454 x",         "500 5.5.1 x",
    "501 x",          "503 5.5.1 x", "504 5.5.4 x",   "530 5.7.0 x",
    "535 x",          "550 5.1.1 x", "552 x",         "554 5.7.1 x",
    "555 5.5.4 x",    "599 x",       "199 x",         "600 x",
    "250-a\r\n251 b", "250-a\r\nb",  "hello",         "",
    "\xff\xfe",       "25",          "250 ok\r\n2",   HANGUP,
    SILENCE,
};
struct walk_config {
    const char *capabilities;
    enum smtp_tls tls;
    bool auth, chunking;
    unsigned depth;
};
static const struct walk_config walk_configs[] = {
    {"", SMTP_TLS_NONE, false, false, 1},
    {NULL, SMTP_TLS_NONE, false, false, 1},
    {"250-STARTTLS\r\n250-AUTH PLAIN\r\n250 SIZE 1000", SMTP_TLS_STARTTLS, true, false, 2},
    {"250-STARTTLS\r\n250-AUTH PLAIN\r\n250 PIPELINING", SMTP_TLS_STARTTLS, true, false, 2},
    {"250-AUTH PLAIN\r\n250 PIPELINING", SMTP_TLS_IMPLICIT, true, false, 1},
    {"250-PIPELINING\r\n250 CHUNKING", SMTP_TLS_NONE, false, true, 8},
    {"250 CHUNKING", SMTP_TLS_NONE, false, true, 8},
    {"250-SIZE\r\n250-8BITMIME\r\n250 DSN", SMTP_TLS_NONE, false, false, 1},
    {"250-SIZE\r\n250-8BITMIME\r\n250-DSN\r\n250 PIPELINING", SMTP_TLS_NONE, false, false, 2},
    {"250-SIZE\r\n250-8BITMIME\r\n250-DSN\r\n250-CHUNKING\r\n250 PIPELINING", SMTP_TLS_NONE,
     false, true, 8},
};

// What is said of a recipient is what became of him.
static void check_recipient(const struct talk *t, size_t tag, size_t r, const char *what)
{
    const struct outcome *o = &t->said[tag][r];
    const char *log = buf_str(&t->log);
    if (t->got[tag][r] > 1)
        fail_msg("%s: message %zu was sent to %zu twice\n%s", what, tag, r, log);
    if (t->ended[tag] == 0)
        return;
    if (o->verdict == VERDICT_DELIVERED && t->got[tag][r] != 1)
        fail_msg("%s: message %zu is lost to %zu\n%s", what, tag, r, log);
    if (o->verdict != VERDICT_DELIVERED && !o->doubt && t->got[tag][r] != 0)
        fail_msg("%s: message %zu arrived at %zu in silence\n%s", what, tag, r, log);
}

// Every message is answered for once, and what is said of it is so.
static void check_truth(const struct talk *t, const char *what)
{
    const char *log = buf_str(&t->log);
    const char *trouble = strstr(log, "! ");
    // A server that took back all recipients, or part of a message, keeps nothing.
    while (trouble && strncmp(trouble, EMPTY, strlen(EMPTY)) == 0)
        trouble = strstr(trouble + 1, "! ");
    if (trouble)
        fail_msg("%s: %s", what, log);
    for (size_t tag = 1; tag <= t->n_messages; tag++) {
        const struct outcome *o = &t->outcome[tag];
        if (t->ended[tag] != (tag <= t->begun))
            fail_msg("%s: message %zu ended %u times\n%s", what, tag, t->ended[tag], log);
        if (t->ended[tag] && o->doubt && o->verdict != VERDICT_DEFERRED)
            fail_msg("%s: message %zu is judged in doubt\n%s", what, tag, log);
        for (size_t r = 0; r < 2; r++)
            check_recipient(t, tag, r, what);
    }
    if (t->begun < t->n_messages && !t->session_ended && !strstr(log, "auth: deferred"))
        fail_msg("%s: the session ended for no reason\n%s", what, log);
}

static void walk(const struct walk_config *c, const struct rule *rules, size_t piece)
{
    struct talk t;
    struct mails m;
    char what[200];
    mails_init_with(&m, 3, 2, "RET=HDRS BODY=8BITMIME", "NOTIFY=NEVER");
    m.messages[1].eightbit = true;
    talk_init(&t, c->capabilities, rules);
    talk_mails(&t, &m);
    t.options.tls = c->tls;
    t.options.auth = c->auth;
    t.options.chunking = c->chunking;
    t.options.depth = c->depth;
    t.feed_size = t.sent_size = piece;
    snprintf(what, sizeof what, "config %td, the %u. %s answered with %s, then %u. %s %s",
             c - walk_configs, rules[0].nth, rules[0].prefix, rules[0].reply, rules[1].nth,
             rules[1].prefix ? rules[1].prefix : "", rules[1].prefix ? rules[1].reply : "");
    (void)talk_run(&t);
    check_truth(&t, what);
    talk_free(&t);
    mails_free(&m);
}

#define EACH(i, list) (size_t i = 0; i < sizeof list / sizeof *list; i++)

static void test_walk(void **state)
{
    (void)state;
    for
        EACH(c, walk_configs)
        for
            EACH(v, walk_commands)
            for
                EACH(a, walk_answers)
            for (unsigned nth = 1; nth <= 4; nth++)
                for (unsigned hangup = 0; hangup < 2; hangup++) {
                    const struct rule rules[] = {
                        {walk_commands[v], nth, walk_answers[a], hangup == 1}, {0}};
                    walk(&walk_configs[c], rules, 0);
                    walk(&walk_configs[c], rules, 1);
                    walk(&walk_configs[c], rules, 5);
                }
}

// Two answers that are not as they should be, at random.
static void test_walk_in_pairs(void **state)
{
    (void)state;
    srand(3);
    for (int round = 0; round < 10000; round++) {
        struct rule rules[4] = {{0}};
        for (size_t i = 0; i < 3; i++)
            rules[i] = (struct rule){
                walk_commands[(size_t)rand() % (sizeof walk_commands / sizeof *walk_commands)],
                (unsigned)rand() % 5,
                walk_answers[(size_t)rand() % (sizeof walk_answers / sizeof *walk_answers)],
                rand() % 4 == 0};
        size_t c = (size_t)rand() % (sizeof walk_configs / sizeof *walk_configs);
        walk(&walk_configs[c], rules, (size_t)rand() % 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_walk_in_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
