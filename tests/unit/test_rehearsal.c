// SPDX-License-Identifier: ISC
// links: submit
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "submit/rehearsal.h"

static const char *const pipelined = "220 mx\r\n"
                                     "250-mx\r\n250-PIPELINING\r\n250 CHUNKING\r\n";
static const char *const sized = "220 mx\r\n"
                                 "250-mx\r\n250-PIPELINING\r\n250 SIZE\r\n";
static const char *const plain = "220 mx\r\n"
                                 "250 mx\r\n";

// Line by line, and not before its time.
static void feed_line(struct smtp *s, struct span *from)
{
    struct span line = *from;
    const char *end = line.n ? memchr(line.p, '\n', line.n) : NULL;
    if (end) {
        line.n = (size_t)(end - line.p) + 1;
        *from = (struct span){end + 1, from->n - line.n};
        assert_int_equal(smtp_feed(s, line.p, line.n), line.n);
    } else {
        smtp_eof(s, "");
    }
}

// What the engine says while the server says `greeting` and then `replies`.
static void converse(struct rehearsal *r, struct span greeting, const char *replies,
                     struct buf *said)
{
    struct observer quiet = {.step = ""};
    struct smtp_options o;
    struct smtp s;
    struct span rest = span_of(replies);
    smtp_options_init(&o);
    o.tls = SMTP_TLS_NONE;
    o.chunking = true;
    o.helo = "[127.0.0.1]";
    smtp_init(&s, &o);
    for (int i = 0; i < 200 && !(smtp_wants(&s) & SMTP_CLOSED); i++) {
        unsigned wants = smtp_wants(&s);
        struct smtp_event event;
        if (wants & SMTP_EVENT) {
            if (smtp_next(&s, &event) && event.kind != SMTP_ON_SESSION)
                rehearsal_event(r, &event, &quiet);
        } else if (wants & SMTP_OUTPUT) {
            struct span out = smtp_output(&s);
            buf_put_span(said, out);
            smtp_sent(&s, out.n);
        } else if (wants & SMTP_MAIL) {
            if (rehearsal_begin(r, &s))
                continue;
            if (!smtp_may_return(&s))
                smtp_quit(&s);
            else
                feed_line(&s, &rest);
        } else if (wants & SMTP_INPUT) {
            feed_line(&s, greeting.n ? &greeting : &rest);
        }
    }
    smtp_free(&s);
}

// Whatever the answers: RSET or the end comes where a message would, and no message.
static void answers(void **state)
{
    (void)state;
    static const struct {
        const char *const *greeting;
        const char *replies;
        bool refused;
        uint16_t code;
        const char *said; // the last commands
    } table[] = {
        {&pipelined, "250 ok\r\n250 ok\r\n250 ok\r\n221 bye\r\n", false, 0,
         "RCPT TO:<b@x.example>\r\nRSET\r\nQUIT\r\n"},
        {&plain, "250 ok\r\n250 ok\r\n250 ok\r\n221 bye\r\n", false, 0,
         "RCPT TO:<b@x.example>\r\nRSET\r\nQUIT\r\n"},
        {&pipelined, "553 5.7.1 no\r\n503 no\r\n250 ok\r\n221 bye\r\n", true, 553,
         "RSET\r\nQUIT\r\n"},
        {&plain, "553 5.7.1 no\r\n221 bye\r\n", true, 553, "QUIT\r\n"},
        {&pipelined, "250 ok\r\n450 4.2.0 no\r\n250 ok\r\n221 bye\r\n", true, 450,
         "RSET\r\nQUIT\r\n"},
        {&plain, "250 ok\r\n550 no\r\n221 bye\r\n", true, 550, "QUIT\r\n"},
        // refused for its SIZE, and asked again
        {&sized,
         "555 5.5.4 no\r\n503 no\r\n250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n221 bye\r\n", false,
         0, "MAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nRSET\r\nQUIT\r\n"},
        {&sized,
         "555 5.5.4 no\r\n503 no\r\n250 ok\r\n555 no\r\n503 no\r\n250 ok\r\n221 bye\r\n", true,
         555, "MAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nRSET\r\nQUIT\r\n"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf said = BUF_INIT(4096);
        struct rehearsal r;
        rehearsal_init(&r, "a@x.example", "b@x.example");
        converse(&r, span_of(*table[i].greeting), table[i].replies, &said);
        assert_int_equal(r.refused, table[i].refused);
        assert_int_equal(r.refusal.code, table[i].code);
        assert_null(strstr(buf_str(&said), "DATA"));
        assert_null(strstr(buf_str(&said), "BDAT"));
        size_t n = strlen(table[i].said);
        assert_true(said.n > n);
        assert_string_equal(buf_str(&said) + said.n - n, table[i].said);
        rehearsal_free(&r);
        buf_free(&said);
    }
}

static void not_wanted(void **state)
{
    (void)state;
    static const char *const table[][2] = {
        {"", "b@x.example"}, {"a@x.example", ""}, {"a\r\nRCPT TO:<c@x>", "b@x.example"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf said = BUF_INIT(4096);
        struct rehearsal r;
        rehearsal_init(&r, table[i][0], table[i][1]);
        converse(&r, span_of(pipelined), "221 bye\r\n", &said);
        assert_false(r.refused);
        assert_null(strstr(buf_str(&said), "MAIL"));
        rehearsal_free(&r);
        buf_free(&said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(not_wanted),
    };
    return cmocka_run_group_tests_name("rehearsal", tests, NULL, NULL);
}
