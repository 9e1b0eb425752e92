// SPDX-License-Identifier: ISC
// links: sendmail
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "sendmail/server.h"

// A command line, or, in parentheses, what became of the text: go, took, queued, refused. What
// comes next, and the codes of the replies, parted by blanks.
struct step {
    const char *line;
    enum server_next next;
    const char *codes;
};

// The codes in the replies: "250-", "250", or "250/2.1.0" where there is an enhanced one.
static void put_codes(struct buf *out, const struct buf *replies)
{
    struct span rest = buf_span(replies), line;
    while (span_cut(&rest, '\n', &line) && line.n) {
        assert_true(line.n < SERVER_REPLY_MAX && line.p[line.n - 1] == '\r');
        bool enhanced = line.n > 9 && text_is_digit(line.p[4]) && line.p[5] == '.';
        buf_puts(out, out->n ? " " : "");
        buf_put(out, line.p, line.p[3] == '-' ? 4 : 3);
        if (enhanced)
            buf_printf(out, "/%.5s", line.p + 4);
    }
}

static enum server_next take_step(struct server *s, const char *line)
{
    if (strcmp(line, "(go)") == 0)
        server_go_ahead(s);
    else if (strcmp(line, "(took)") == 0)
        server_took_chunk(s);
    else if (strcmp(line, "(queued)") == 0)
        server_queued(s, "00112233445566778A");
    else if (strcmp(line, "(refused)") == 0)
        server_refused(s, "451 4.3.0", SPAN("spool: no"));
    else
        return server_command(s, span_of(line));
    return SERVER_COMMAND;
}

static void run(struct server *s, const struct step *steps, size_t n)
{
    struct buf codes = BUF_INIT(4096);
    for (size_t i = 0; i < n; i++) {
        enum server_next next = take_step(s, steps[i].line);
        buf_clear(&codes);
        put_codes(&codes, &s->out);
        buf_clear(&s->out);
        if (next != steps[i].next || strcmp(buf_str(&codes), steps[i].codes) != 0)
            fail_msg("step %zu, %s: %d, %s", i, steps[i].line, next, buf_str(&codes));
    }
    buf_free(&codes);
}

static void begin(struct server *s, uint64_t max_size, uint64_t max_recipients)
{
    server_init(s, max_size, max_recipients);
    assert_string_equal(buf_str(&s->out), "220 localhost ESMTP sendoff\r\n");
    buf_clear(&s->out);
}

#define RUN(s, steps) run(s, steps, sizeof(steps) / sizeof *(steps))

static void a_dialogue(void **state)
{
    static const struct step steps[] = {
        {"HELO [127.0.0.1]", SERVER_COMMAND, "250"},
        {"NOOP", SERVER_COMMAND, "250/2.0.0"},
        {"MAIL FROM:<ada@example.org>", SERVER_COMMAND, "250/2.1.0"},
        {"RCPT TO:<bob@example.net>", SERVER_COMMAND, "250/2.1.5"},
        {"RCPT TO:<root>", SERVER_COMMAND, "250/2.1.5"},
        {"DATA", SERVER_TEXT, ""},
        {"(go)", SERVER_COMMAND, "354"},
        {"(queued)", SERVER_COMMAND, "250/2.0.0"},
        {"MAIL FROM:<>", SERVER_COMMAND, "250/2.1.0"},
        {"RCPT TO:<carl@example.net>", SERVER_COMMAND, "250/2.1.5"},
        {"DATA", SERVER_TEXT, ""},
        {"(refused)", SERVER_COMMAND, "451/4.3.0"},
        {"RSET", SERVER_COMMAND, "250/2.0.0"},
        {"QUIT", SERVER_CLOSE, "221/2.0.0"},
    };
    struct server s;
    (void)state;
    begin(&s, 0, 0);
    RUN(&s, steps);
    assert_false(s.gave_up);
    server_free(&s);
}

static void what_is_offered(void **state)
{
    struct server s;
    (void)state;
    begin(&s, 26214400, 0);
    assert_int_equal(server_command(&s, SPAN("EHLO localhost")), SERVER_COMMAND);
    assert_string_equal(buf_str(&s.out),
                        "250-localhost\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
                        "250-DSN\r\n250-CHUNKING\r\n250-SIZE 26214400\r\n"
                        "250 ENHANCEDSTATUSCODES\r\n");
    server_free(&s);
}

static void the_order_of_commands(void **state)
{
    static const struct step steps[] = {
        {"RCPT TO:<bob@example.net>", SERVER_COMMAND, "503/5.5.1"},
        {"DATA", SERVER_COMMAND, "503/5.5.1"},
        {"MAIL FROM:<ada@example.org>", SERVER_COMMAND, "250/2.1.0"},
        {"MAIL FROM:<ada@example.org>", SERVER_COMMAND, "503/5.5.1"},
        {"DATA", SERVER_COMMAND, "503/5.5.1"},
        {"RCPT TO:<bob@>", SERVER_COMMAND, "553/5.1.3"},
        {"DATA", SERVER_COMMAND, "554/5.5.1"},
        {"RCPT TO:<bob@example.net>", SERVER_COMMAND, "250/2.1.5"},
        {"RSET", SERVER_COMMAND, "250/2.0.0"},
        {"RCPT TO:<bob@example.net>", SERVER_COMMAND, "503/5.5.1"},
        {"MAIL FROM:<ada@example.org>", SERVER_COMMAND, "250/2.1.0"},
        {"DATA", SERVER_COMMAND, "503/5.5.1"},
        {"EHLO me", SERVER_COMMAND, "250- 250- 250- 250- 250- 250- 250- 250"},
        {"RCPT TO:<bob@example.net>", SERVER_COMMAND, "503/5.5.1"},
        {"AUTH PLAIN AGEAYg==", SERVER_COMMAND, "502/5.5.1"},
        {"STARTTLS", SERVER_COMMAND, "502/5.5.1"},
        {"EXPN staff", SERVER_COMMAND, "502/5.5.1"},
        {"VRFY root", SERVER_COMMAND, "252/2.0.0"},
        {"HELP", SERVER_COMMAND, "214/2.0.0"},
        {"FNORD", SERVER_COMMAND, "500/5.5.2"},
    };
    struct server s;
    (void)state;
    begin(&s, 0, 0);
    RUN(&s, steps);
    server_free(&s);
}

static void chunks(void **state)
{
    static const struct step steps[] = {
        {"BDAT 10", SERVER_SKIP, "503/5.5.1"},
        {"MAIL FROM:<ada@example.org>", SERVER_COMMAND, "250/2.1.0"},
        {"BDAT 10 LAST", SERVER_SKIP, "503/5.5.1"},
        {"RCPT TO:<bob@example.net>", SERVER_COMMAND, "250/2.1.5"},
        {"BDAT 5", SERVER_CHUNK, ""},
        {"(took)", SERVER_COMMAND, "250/2.0.0"},
        {"MAIL FROM:<>", SERVER_COMMAND, "503/5.5.1"},
        {"RCPT TO:<carl@example.net>", SERVER_COMMAND, "503/5.5.1"},
        {"DATA", SERVER_COMMAND, "503/5.5.1"},
        {"NOOP", SERVER_COMMAND, "250/2.0.0"},
        {"BDAT 0 LAST", SERVER_CHUNK, ""},
        {"(queued)", SERVER_COMMAND, "250/2.0.0"},
        {"BDAT 3", SERVER_SKIP, "503/5.5.1"},
        {"MAIL FROM:<>", SERVER_COMMAND, "250/2.1.0"},
        {"RCPT TO:<bob@example.net>", SERVER_COMMAND, "250/2.1.5"},
        {"BDAT 5", SERVER_CHUNK, ""},
        {"(refused)", SERVER_COMMAND, "451/4.3.0"},
        {"BDAT 5 LAST", SERVER_SKIP, "503/5.5.1"},
        {"MAIL FROM:<>", SERVER_COMMAND, "250/2.1.0"},
        {"RCPT TO:<bob@example.net>", SERVER_COMMAND, "250/2.1.5"},
        {"BDAT 5", SERVER_CHUNK, ""},
        {"(took)", SERVER_COMMAND, "250/2.0.0"},
        {"RSET", SERVER_COMMAND, "250/2.0.0"},
        {"BDAT five", SERVER_CLOSE, "421/4.5.4"},
    };
    struct server s;
    (void)state;
    begin(&s, 0, 0);
    RUN(&s, steps);
    assert_true(s.gave_up);
    server_free(&s);
}

static void a_chunk_is_known(void **state)
{
    static const struct step steps[] = {
        {"MAIL FROM:<>", SERVER_COMMAND, "250/2.1.0"},
        {"RCPT TO:<bob@example.net>", SERVER_COMMAND, "250/2.1.5"},
        {"BDAT 12345678901", SERVER_CHUNK, ""},
    };
    struct server s;
    (void)state;
    begin(&s, 0, 0);
    RUN(&s, steps);
    assert_true(s.chunk == 12345678901 && !s.last && s.in_chunks);
    server_took_chunk(&s);
    assert_int_equal(server_command(&s, SPAN("BDAT 0 LAST")), SERVER_CHUNK);
    assert_true(s.chunk == 0 && s.last && s.in_chunks);
    assert_int_equal(server_command(&s, SPAN("RSET")), SERVER_COMMAND);
    assert_false(s.in_chunks);
    server_free(&s);
}

static void limits(void **state)
{
    static const struct step steps[] = {
        {"MAIL FROM:<ada@example.org> SIZE=1001", SERVER_COMMAND, "552/5.3.4"},
        {"MAIL FROM:<ada@example.org> SIZE=1000", SERVER_COMMAND, "250/2.1.0"},
        {"RCPT TO:<a@example.net>", SERVER_COMMAND, "250/2.1.5"},
        {"RCPT TO:<b@example.net>", SERVER_COMMAND, "250/2.1.5"},
        {"RCPT TO:<c@example.net>", SERVER_COMMAND, "452/4.5.3"},
        {"DATA", SERVER_TEXT, ""},
        {"(go)", SERVER_COMMAND, "354"},
        {"(queued)", SERVER_COMMAND, "250/2.0.0"},
        {"MAIL FROM:<ada@example.org>", SERVER_COMMAND, "250/2.1.0"},
        {"RCPT TO:<c@example.net>", SERVER_COMMAND, "250/2.1.5"},
    };
    struct server s;
    (void)state;
    begin(&s, 1000, 2);
    RUN(&s, steps);
    server_free(&s);
}

static void the_envelope(void **state)
{
    static const struct step steps[] = {
        {"MAIL FROM:<ada@example.org> SIZE=9 RET=hdrs BODY=8BITMIME ENVID=x1", SERVER_COMMAND,
         "250/2.1.0"},
        {"RCPT TO:<bob@example.net> NOTIFY=delay,failure", SERVER_COMMAND, "250/2.1.5"},
        {"RCPT TO:<no one@example.net>", SERVER_COMMAND, "553/5.1.3"},
        {"RCPT TO:<root> ORCPT=rfc822;root", SERVER_COMMAND, "250/2.1.5"},
        {"RCPT TO:<bob@EXAMPLE.net>", SERVER_COMMAND, "250/2.1.5"},
        {"DATA", SERVER_TEXT, ""},
    };
    struct server s;
    (void)state;
    begin(&s, 0, 0);
    RUN(&s, steps);
    assert_string_equal(envelope_sender(&s.envelope), "ada@example.org");
    assert_string_equal(envelope_options(&s.envelope), "RET=HDRS BODY=8BITMIME ENVID=x1");
    assert_int_equal(envelope_count(&s.envelope), 2);
    assert_string_equal(envelope_address(&s.envelope, 0), "bob@example.net");
    assert_string_equal(envelope_recipient_options(&s.envelope, 0), "NOTIFY=FAILURE,DELAY");
    assert_string_equal(envelope_address(&s.envelope, 1), "root");
    assert_string_equal(envelope_recipient_options(&s.envelope, 1), "ORCPT=rfc822;root");
    server_queued(&s, "0");
    assert_int_equal(envelope_count(&s.envelope), 0);
    assert_string_equal(envelope_sender(&s.envelope), "");
    assert_string_equal(envelope_options(&s.envelope), "");
    server_free(&s);
}

static void too_many_errors(void **state)
{
    struct server s;
    (void)state;
    begin(&s, 0, 0);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 1; i < SERVER_ERRORS_MAX; i++)
            assert_int_equal(server_command(&s, SPAN("Subject: hello")), SERVER_COMMAND);
        assert_int_equal(server_command(&s, SPAN("NOOP")), SERVER_COMMAND);
    }
    for (unsigned i = 1; i < SERVER_ERRORS_MAX; i++)
        assert_int_equal(server_long_line(&s), SERVER_COMMAND);
    buf_clear(&s.out);
    assert_int_equal(server_command(&s, SPAN("BDAT 3")), SERVER_CLOSE);
    assert_non_null(strstr(buf_str(&s.out), "\r\n421 4.7.0 "));
    assert_true(s.gave_up);
    server_free(&s);
}

static void replies_are_clean_and_short(void **state)
{
    struct server s;
    char why[2000];
    (void)state;
    begin(&s, 0, 0);
    memset(why, 'x', sizeof why);
    memcpy(why, "a\r\n250 2.0.0 Ok\033[1m", 19);
    server_refused(&s, "554 5.6.0", (struct span){why, sizeof why});
    assert_int_equal(s.out.n, SERVER_REPLY_MAX);
    assert_memory_equal(s.out.p, "554 5.6.0 a  250 2.0.0 Ok?[1mx", 30);
    assert_memory_equal(s.out.p + s.out.n - 3, "x\r\n", 3);
    buf_clear(&s.out);
    server_queued(&s, "00112233445566778A");
    assert_string_equal(buf_str(&s.out), "250 2.0.0 Ok: queued as 00112233445566778A\r\n");
    server_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dialogue),
        cmocka_unit_test(what_is_offered),
        cmocka_unit_test(the_order_of_commands),
        cmocka_unit_test(chunks),
        cmocka_unit_test(a_chunk_is_known),
        cmocka_unit_test(limits),
        cmocka_unit_test(the_envelope),
        cmocka_unit_test(too_many_errors),
        cmocka_unit_test(replies_are_clean_and_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
