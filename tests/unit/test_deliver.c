// SPDX-License-Identifier: ISC
// links: submit
// Jobs on one side, a server made of lines on the other, the engine between them.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "message/outcome.h"
#include "submit/mail/deliver.h"

enum { SMALL = 40, LARGE = 3 * SOURCE_ROOM };

static struct fixture {
    struct jobs jobs;
    struct report report;
    struct smtp smtp;
    struct sender sender;
    struct deliver deliver;
    struct buf said;  // by us
    struct buf begun; // the jobs that sendoff was told the beginning of
    enum deliver_answer last;
} f;

// A file of lines, behind 10 octets of something else.
static int make_file(size_t octets)
{
    int fd = memfd_create("message", MFD_CLOEXEC);
    assert_true(fd >= 0);
    for (size_t i = 0; i < octets + 10; i++) {
        char c = i < 10 ? '#' : i % 40 == 9 ? '\n' : 'x';
        assert_int_equal(write(fd, &c, 1), 1);
    }
    return fd;
}

static void add_job(uint32_t number, size_t octets, size_t recipients)
{
    struct task *t = f.jobs.tasks;
    while (t->used)
        t++;
    *t = (struct task){
        .used = true, .fd = make_file(octets), .answered = BUF_INIT(ENVELOPE_RECIPIENTS_MAX)};
    job_init(&t->job);
    t->job.number = number;
    t->job.offset = 10;
    t->job.octets = octets;
    t->job.lines = octets / 40;
    assert_true(envelope_set_sender(&t->job.envelope, SPAN("me@example.org")));
    for (size_t i = 0; i < recipients; i++) {
        struct buf address = BUF_INIT(64);
        buf_printf(&address, "u%zu@example.org", i);
        assert_true(envelope_add(&t->job.envelope, buf_span(&address), SPAN("")));
        envelope_recipient(&t->job.envelope, i)->at = 2 * i;
        buf_putc(&t->answered, 0);
        buf_free(&address);
    }
    f.jobs.ready[f.jobs.n_ready++] = t;
}

static void feed(const char *text)
{
    size_t n = strlen(text);
    assert_int_equal(smtp_feed(&f.smtp, text, n), n);
}

static void begin(uint64_t messages, uint64_t recipients, const char *capabilities)
{
    struct smtp_options options;
    struct buf ehlo = BUF_INIT(512);
    jobs_init(&f.jobs, -1);
    f.jobs.ended = true;
    report_init(&f.report, -1);
    buf_clear(&f.report.out);
    f.said = (struct buf)BUF_INIT(1 << 24);
    f.begun = (struct buf)BUF_INIT(4096);
    smtp_options_init(&options);
    options.tls = SMTP_TLS_NONE;
    options.helo = "client.example";
    smtp_init(&f.smtp, &options);
    feed("220 here\r\n");
    smtp_sent(&f.smtp, smtp_queued(&f.smtp));
    buf_printf(&ehlo, "250-here\r\n250-PIPELINING\r\n%s250 HELP\r\n", capabilities);
    feed(buf_str(&ehlo));
    buf_free(&ehlo);
    deliver_init(&f.deliver, &f.jobs, &f.report, &f.smtp, &f.sender, messages, recipients);
}

static void end(void)
{
    deliver_free(&f.deliver);
    smtp_free(&f.smtp);
    jobs_free(&f.jobs);
    report_free(&f.report);
    buf_free(&f.said);
    buf_free(&f.begun);
}

// Does all that is wanted but input.
static void go_on(void)
{
    struct smtp_event event;
    for (;;) {
        unsigned wants = smtp_wants(&f.smtp);
        if (wants & SMTP_EVENT && smtp_next(&f.smtp, &event)) {
            if (event.kind != SMTP_ON_SESSION)
                deliver_event(&f.deliver, &event);
        } else if (wants & SMTP_CLOSED) {
            return;
        } else if (wants & SMTP_BODY) {
            deliver_body(&f.deliver);
        } else if (wants & SMTP_OUTPUT) {
            struct span out = smtp_output(&f.smtp);
            buf_put_span(&f.said, out);
            smtp_sent(&f.smtp, out.n);
        } else if (wants & SMTP_MAIL) {
            f.last = deliver_begin(&f.deliver);
            if (f.last != DELIVER_BEGUN)
                return;
        } else {
            return;
        }
    }
}

// The engine stops at each event, to be fed the rest once that is dealt with.
static void answer(const char *text)
{
    size_t n = strlen(text);
    go_on();
    while (n) {
        size_t taken = smtp_feed(&f.smtp, text, n);
        assert_true(taken > 0);
        text += taken;
        n -= taken;
        go_on();
    }
}

static size_t count(const char *what)
{
    size_t n = 0;
    const char *text = buf_str(&f.said);
    for (const char *p = text; (p = strstr(p, what)); p++)
        n += p == text || p[-1] == '\n';
    return n;
}

// The lines but `begun`, of which the numbers are kept.
static void assert_report(const char *lines)
{
    struct span rest = buf_span(&f.report.out), line;
    struct buf others = BUF_INIT(1 << 20);
    while (rest.n && span_cut(&rest, '\n', &line)) {
        struct outcome_event event;
        if (outcome_parse(line, &event) == OUTCOME_BEGUN) {
            buf_printf(&f.begun, "%u ", event.job);
            continue;
        }
        buf_put_span(&others, line);
        buf_putc(&others, '\n');
    }
    assert_string_equal(buf_str(&others), lines);
    buf_free(&others);
    buf_clear(&f.report.out);
}

static void assert_begun(const char *jobs)
{
    assert_string_equal(buf_str(&f.begun), jobs);
    buf_clear(&f.begun);
}

#define TAKEN "250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go\r\n"

static void one_message(void **state)
{
    (void)state;
    begin(100, 100, "");
    add_job(5, SMALL, 1);
    answer(TAKEN);
    assert_string_equal(buf_str(&f.said),
                        "MAIL FROM:<me@example.org>\r\nRCPT TO:<u0@example.org>\r\nDATA\r\n"
                        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n.\r\n");
    assert_report("");
    answer("250 2.0.0 taken\r\n");
    assert_report("recipient 5 0 delivered message 250 2.0.0 sure taken\ndone 5\n");
    assert_int_equal(f.last, DELIVER_OVER);
    end();
}

// How much of a body has gone out, for whoever watches; each message counts anew.
static void octets_are_told(void **state)
{
    (void)state;
    begin(100, 100, "");
    for (uint32_t job = 5; job < 7; job++) {
        char line[32];
        assert_false(deliver_has_octets(&f.deliver));
        add_job(job, SMALL, 1);
        answer("250 2.1.0 ok\r\n250 2.1.5 ok\r\n");
        assert_false(deliver_has_octets(&f.deliver));
        answer("354 go\r\n");
        assert_true(deliver_has_octets(&f.deliver));
        assert_report("");
        deliver_tell_octets(&f.deliver);
        assert_false(deliver_has_octets(&f.deliver));
        snprintf(line, sizeof line, "octets %u %u\n", (unsigned)job, (unsigned)SMALL);
        assert_report(line);
        answer("250 2.0.0 taken\r\n");
        buf_clear(&f.report.out);
    }
    end();
}

static void each_recipient_has_its_own(void **state)
{
    (void)state;
    begin(100, 100, "");
    add_job(5, SMALL, 3);
    answer("250 2.1.0 ok\r\n250 2.1.5 ok\r\n550 5.1.1 gone\r\n450 4.2.0 busy\r\n354 go\r\n");
    assert_report("recipient 5 2 failed recipient 550 5.1.1 sure gone\n"
                  "recipient 5 4 deferred recipient 450 4.2.0 sure busy\n");
    answer("250 2.0.0 taken\r\n");
    assert_report("recipient 5 0 delivered message 250 2.0.0 sure taken\ndone 5\n");
    end();
}

static void many_recipients_take_several_transactions(void **state)
{
    (void)state;
    begin(100, 2, "");
    add_job(5, SMALL, 5);
    for (int i = 0; i < 2; i++) {
        answer("250 2.1.0 ok\r\n250 2.1.5 ok\r\n250 2.1.5 ok\r\n354 go\r\n");
        answer("250 2.0.0 taken\r\n");
    }
    assert_report("recipient 5 0 delivered message 250 2.0.0 sure taken\n"
                  "recipient 5 2 delivered message 250 2.0.0 sure taken\n"
                  "recipient 5 4 delivered message 250 2.0.0 sure taken\n"
                  "recipient 5 6 delivered message 250 2.0.0 sure taken\n");
    assert_begun("5 "); // once for all its transactions
    answer(TAKEN);
    answer("250 2.0.0 taken\r\n");
    assert_report("recipient 5 8 delivered message 250 2.0.0 sure taken\ndone 5\n");
    assert_begun("");
    assert_int_equal(count("MAIL "), 3);
    assert_int_equal(count("RCPT "), 5);
    end();
}

static void the_server_has_limits(void **state)
{
    (void)state;
    begin(100, 100, "250-LIMITS RCPTMAX=1 MAILMAX=2\r\n");
    add_job(5, SMALL, 3);
    answer(TAKEN);
    answer("250 2.0.0 taken\r\n");
    answer(TAKEN);
    answer("250 2.0.0 taken\r\n");
    assert_int_equal(count("RCPT "), 2);
    assert_int_equal(f.last, DELIVER_OVER);
    assert_report("recipient 5 0 delivered message 250 2.0.0 sure taken\n"
                  "recipient 5 2 delivered message 250 2.0.0 sure taken\n");
    end();
}

static void so_many_messages_and_no_more(void **state)
{
    (void)state;
    begin(1, 100, "");
    add_job(5, SMALL, 1);
    add_job(6, SMALL, 1);
    answer(TAKEN);
    assert_int_equal(f.last, DELIVER_OVER);
    answer("250 2.0.0 taken\r\n");
    assert_int_equal(count("MAIL "), 1);
    assert_report("recipient 5 0 delivered message 250 2.0.0 sure taken\ndone 5\n");
    end();
}

// A server that counts and does not tell its limit: what is over it has no outcome, for the
// next connection, and no more is begun on this one.
static void the_server_has_enough(void **state)
{
    (void)state;
    begin(100, 100, "");
    for (uint32_t i = 5; i < 9; i++)
        add_job(i, SMALL, 1);
    answer(TAKEN);
    answer("250 2.0.0 taken\r\n"
           "452 4.5.3 too many messages\r\n503 5.5.1 no\r\n503 5.5.1 no\r\n");
    assert_report("recipient 5 0 delivered message 250 2.0.0 sure taken\ndone 5\n");
    assert_int_equal(f.last, DELIVER_OVER);
    assert_int_equal(count("MAIL "), 2);
    end();
}

// The first one of a connection has it for itself, and so has one that is put off for any other
// reason.
static void one_message_is_too_many(void **state)
{
    (void)state;
    begin(100, 100, "");
    add_job(5, SMALL, 1);
    answer("452 4.5.3 too many recipients\r\n503 5.5.1 no\r\n503 5.5.1 no\r\n");
    assert_report("recipient 5 0 deferred message 452 4.5.3 sure too+20many+20recipients\n"
                  "done 5\n");
    end();
    begin(100, 100, "");
    add_job(5, SMALL, 1);
    add_job(6, SMALL, 1);
    answer(TAKEN);
    answer("250 2.0.0 taken\r\n452 4.3.1 full\r\n503 5.5.1 no\r\n503 5.5.1 no\r\n");
    assert_report("recipient 5 0 delivered message 250 2.0.0 sure taken\ndone 5\n"
                  "recipient 6 0 deferred message 452 4.3.1 sure full\ndone 6\n");
    end();
}

// A message in our buffer may go behind one that awaits its verdict; a large one may not.
static void who_joins_a_group(void **state)
{
    (void)state;
    begin(100, 100, "");
    add_job(5, SMALL, 1);
    add_job(6, SMALL, 1);
    add_job(7, LARGE, 1);
    answer(TAKEN);
    assert_int_equal(count("MAIL "), 2);
    assert_report("");
    assert_begun("5 6 7 "); // each once, ahead of its time
    answer("250 2.0.0 taken\r\n" TAKEN);
    assert_int_equal(count("MAIL "), 2);
    assert_int_equal(f.last, DELIVER_LATER);
    answer("250 2.0.0 taken\r\n");
    assert_int_equal(count("MAIL "), 3);
    answer(TAKEN);
    answer("250 2.0.0 taken\r\n");
    assert_report("recipient 5 0 delivered message 250 2.0.0 sure taken\ndone 5\n"
                  "recipient 6 0 delivered message 250 2.0.0 sure taken\ndone 6\n"
                  "recipient 7 0 delivered message 250 2.0.0 sure taken\ndone 7\n");
    end();
}

static void bad_file_known_in_time(void **state)
{
    (void)state;
    begin(100, 100, "");
    add_job(5, SMALL, 2);
    add_job(6, SMALL, 1);
    assert_int_equal(ftruncate(f.jobs.ready[0]->fd, 20), 0);
    answer(TAKEN);
    assert_report("recipient 5 0 deferred message 0 4.3.0 sure "
                  "message+20file:+20shorter+20than+20it+20was+20when+20it+20was+20queued\n"
                  "recipient 5 2 deferred message 0 4.3.0 sure "
                  "message+20file:+20shorter+20than+20it+20was+20when+20it+20was+20queued\n"
                  "done 5\n");
    assert_begun("6 "); // of the other one the smarthost never hears
    answer("250 2.0.0 taken\r\n");
    assert_report("recipient 6 0 delivered message 250 2.0.0 sure taken\ndone 6\n");
    assert_int_equal(count("MAIL "), 1);
    end();
}

// The file shrinks while it is sent: the message never gets its end, the connection is over.
static void bad_file_on_the_way(void **state)
{
    (void)state;
    begin(100, 100, "");
    add_job(5, LARGE, 1);
    add_job(6, SMALL, 1);
    go_on();
    assert_int_equal(ftruncate(f.jobs.tasks[0].fd, 20), 0);
    answer(TAKEN);
    assert_true(f.report.urgent);
    assert_true(smtp_wants(&f.smtp) & SMTP_CLOSED);
    assert_true(f.deliver.aborted);
    assert_null(strstr(buf_str(&f.said), "\r\n.\r\n"));
    assert_report("recipient 5 0 deferred message 0 4.3.0 sure "
                  "message+20file:+20shorter+20than+20it+20was+20when+20it+20was+20queued\n"
                  "done 5\n");
    end();
}

// What was under way is told, with its doubt; what had not begun is not.
static void the_line_breaks(void **state)
{
    (void)state;
    begin(100, 100, "");
    add_job(5, SMALL, 1);
    add_job(6, SMALL, 1);
    add_job(7, SMALL, 1);
    answer(TAKEN);
    smtp_eof(&f.smtp, "");
    go_on();
    assert_report("recipient 5 0 deferred session 0 4.4.2 doubt "
                  "connection+20closed+20while+20waiting+20for+20end+20of+20message\ndone 5\n"
                  "recipient 6 0 deferred session 0 4.4.2 sure "
                  "connection+20closed+20while+20waiting+20for+20end+20of+20message\ndone 6\n");
    end();
}

// MAIL is refused for its SIZE: it is made again without, and for the next one it is known.
static void parameters_of_mail(void **state)
{
    (void)state;
    begin(100, 100, "250-SIZE\r\n");
    add_job(5, SMALL, 2);
    add_job(6, SMALL, 1);
    answer("555 5.5.4 what?\r\n503 5.5.1 no\r\n503 5.5.1 no\r\n503 5.5.1 no\r\n");
    assert_report("");
    answer("250 2.1.0 ok\r\n250 2.1.5 ok\r\n550 5.1.1 gone\r\n354 go\r\n");
    answer("250 2.0.0 taken\r\n" TAKEN);
    answer("250 2.0.0 taken\r\n");
    assert_report("recipient 5 2 failed recipient 550 5.1.1 sure gone\n"
                  "recipient 5 0 delivered message 250 2.0.0 sure taken\ndone 5\n"
                  "recipient 6 0 delivered message 250 2.0.0 sure taken\ndone 6\n");
    assert_begun("5 6 ");
    assert_int_equal(count("MAIL "), 3);
    assert_int_equal(count("MAIL FROM:<me@example.org> SIZE="), 1);
    assert_int_equal(smtp_stumbles(&f.smtp), STUMBLE_PARAMETERS);
    assert_int_equal(f.last, DELIVER_OVER);
    end();
    // The only one: nothing ends before it had its second turn.
    begin(100, 100, "250-SIZE\r\n");
    add_job(5, SMALL, 1);
    answer("555 5.5.4 what?\r\n");
    assert_int_not_equal(f.last, DELIVER_OVER);
    answer("503 5.5.1 no\r\n503 5.5.1 no\r\n");
    answer(TAKEN);
    answer("250 2.0.0 taken\r\n");
    assert_report("recipient 5 0 delivered message 250 2.0.0 sure taken\ndone 5\n");
    assert_int_equal(f.last, DELIVER_OVER);
    end();
}

static void add_job_with_notify(size_t recipients)
{
    add_job(5, SMALL, recipients);
    struct envelope *e = &f.jobs.ready[f.jobs.n_ready - 1]->job.envelope;
    assert_true(envelope_add(e, SPAN("dsn@example.org"), SPAN("NOTIFY=NEVER")));
    envelope_recipient(e, recipients)->at = 9;
    buf_putc(&f.jobs.ready[f.jobs.n_ready - 1]->answered, 0);
}

// Of two recipients one is refused for his NOTIFY: he alone is named again, once the other one
// has the message. No QUIT comes between.
static void parameters_of_a_recipient(void **state)
{
    (void)state;
    begin(100, 100, "250-DSN\r\n");
    add_job_with_notify(1);
    answer("250 2.1.0 ok\r\n250 2.1.5 ok\r\n501 5.5.4 what?\r\n354 go\r\n");
    assert_report("");
    assert_int_equal(f.last, DELIVER_LATER);
    answer("250 2.0.0 taken\r\n");
    assert_report("recipient 5 0 delivered message 250 2.0.0 sure taken\n");
    answer(TAKEN);
    answer("250 2.0.0 again\r\n");
    assert_report("recipient 5 9 delivered message 250 2.0.0 sure again\ndone 5\n");
    assert_int_equal(count("RCPT TO:<u0@example.org>"), 1);
    assert_int_equal(count("RCPT TO:<dsn@example.org> NOTIFY=NEVER\r\n"), 1);
    assert_int_equal(count("RCPT TO:<dsn@example.org>\r\n"), 1);
    assert_int_equal(f.last, DELIVER_OVER);
    end();
}

// The same where nobody else is left, where the message is refused to the others, and where the
// line breaks before he is named again: what is known of him then is no verdict.
static void a_recipient_returns_alone(void **state)
{
    (void)state;
    begin(100, 100, "250-DSN\r\n");
    add_job_with_notify(0);
    answer("250 2.1.0 ok\r\n555 5.5.4 what?\r\n554 5.5.1 nobody\r\n");
    assert_report("");
    answer("250 2.0.0 reset\r\n" TAKEN);
    answer("250 2.0.0 taken\r\n");
    assert_report("recipient 5 9 delivered message 250 2.0.0 sure taken\ndone 5\n");
    end();
    begin(100, 100, "250-DSN\r\n");
    add_job_with_notify(1);
    answer("250 2.1.0 ok\r\n250 2.1.5 ok\r\n555 5.5.4 what?\r\n354 go\r\n");
    answer("554 5.7.1 spam\r\n");
    assert_report("recipient 5 0 failed message 554 5.7.1 sure spam\n");
    answer("250 2.1.0 ok\r\n550 5.1.1 gone\r\n554 5.5.1 nobody\r\n");
    assert_report("recipient 5 9 failed recipient 550 5.1.1 sure gone\ndone 5\n");
    end();
    begin(100, 100, "250-DSN\r\n");
    add_job_with_notify(1);
    answer("250 2.1.0 ok\r\n250 2.1.5 ok\r\n555 5.5.4 what?\r\n354 go\r\n");
    smtp_eof(&f.smtp, "");
    go_on();
    deliver_free(&f.deliver);
    assert_report("recipient 5 0 deferred session 0 4.4.2 doubt "
                  "connection+20closed+20while+20waiting+20for+20end+20of+20message\n"
                  "recipient 5 9 deferred recipient 555 5.5.4 sure what?\ndone 5\n");
    end();
}

static void report_is_full(void **state)
{
    (void)state;
    begin(100, 100, "");
    add_job(5, SMALL, 1);
    while (f.report.out.n <= REPORT_MARK)
        buf_puts(&f.report.out, "a line that sendoff has not taken yet\n");
    go_on();
    assert_int_equal(f.last, DELIVER_LATER);
    assert_int_equal(count("MAIL "), 0);
    buf_clear(&f.report.out);
    go_on();
    assert_int_equal(count("MAIL "), 1);
    end();
}

static void set_sender_policy(uint64_t mode)
{
    static char from[] = "me@isp.example", none[] = "";
    static struct config config = {.domain = none};
    static struct config_account account = {.user = none, .from = from};
    account.sender = mode;
    sender_init(&f.sender, &config, &account);
    f.sender.policy.domain = SPAN("");
}

// In each transaction of a message, with the size that it then has.
static void sender_is_forced(void **state)
{
    (void)state;
    begin(100, 1, "250-SIZE\r\n");
    set_sender_policy(SENDER_FORCE);
    add_job(5, SMALL, 2);
    job_set_login(&f.jobs.ready[0]->job, SPAN("sam"));
    answer(TAKEN);
    answer("250 2.0.0 taken\r\n");
    answer(TAKEN);
#define TRANSACTION(to)                                                      \
    "MAIL FROM:<me@isp.example> SIZE=71\r\nRCPT TO:<" to "@example.org>\r\n" \
    "DATA\r\nFrom: sam <me@isp.example>\r\n\r\n"                             \
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n.\r\n"
    assert_string_equal(buf_str(&f.said), TRANSACTION("u0") TRANSACTION("u1"));
    sender_free(&f.sender);
    end();
}

static void sender_can_not_be_completed(void **state)
{
    (void)state;
    begin(100, 100, "");
    set_sender_policy(SENDER_QUALIFY);
    add_job(5, SMALL, 1);
    add_job(6, SMALL, 1);
    assert_true(envelope_set_sender(&f.jobs.ready[0]->job.envelope, SPAN("root")));
    answer(TAKEN);
    assert_report(
        "recipient 5 0 deferred message 0 4.3.5 sure the+20sender+20has+20no+20domain,"
        "+20and+20none+20is+20known+20here:+20set+20`domain`\ndone 5\n");
    answer("250 2.0.0 taken\r\n");
    assert_report("recipient 6 0 delivered message 250 2.0.0 sure taken\ndone 6\n");
    assert_int_equal(count("MAIL "), 1);
    sender_free(&f.sender);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_message),
        cmocka_unit_test(octets_are_told),
        cmocka_unit_test(each_recipient_has_its_own),
        cmocka_unit_test(many_recipients_take_several_transactions),
        cmocka_unit_test(the_server_has_limits),
        cmocka_unit_test(so_many_messages_and_no_more),
        cmocka_unit_test(the_server_has_enough),
        cmocka_unit_test(one_message_is_too_many),
        cmocka_unit_test(who_joins_a_group),
        cmocka_unit_test(bad_file_known_in_time),
        cmocka_unit_test(bad_file_on_the_way),
        cmocka_unit_test(the_line_breaks),
        cmocka_unit_test(parameters_of_mail),
        cmocka_unit_test(parameters_of_a_recipient),
        cmocka_unit_test(a_recipient_returns_alone),
        cmocka_unit_test(report_is_full),
        cmocka_unit_test(sender_is_forced),
        cmocka_unit_test(sender_can_not_be_completed),
    };
    return cmocka_run_group_tests_name("deliver", tests, NULL, NULL);
}
