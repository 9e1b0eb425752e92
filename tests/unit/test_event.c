// SPDX-License-Identifier: ISC
// links: base
// event.c and journal.c.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <string.h>
#include <syslog.h>

#include "base/event.h"
#include "base/journal.h"

static struct buf out;

static int setup(void **state)
{
    (void)state;
    out = (struct buf)BUF_INIT(65536);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_free(&out);
    return 0;
}

static const struct event queued = {.kind = EVENT_QUEUED,
                                    .level = LOG_INFO,
                                    .id = SPAN_INIT("660E1560C30C46E8BA"),
                                    .uid = 33,
                                    .sender = "ada@example.org",
                                    .size = 4321,
                                    .recipients = 2};

static const struct event attempted = {.kind = EVENT_ATTEMPTED,
                                       .level = LOG_INFO,
                                       .id = SPAN_INIT("660E1560C30C46E8BA"),
                                       .uid = 1000,
                                       .sender = "ada@example.org",
                                       .recipient = "bob@example.net",
                                       .account = "work",
                                       .relay = "smtp.example.org[192.0.2.1]:587",
                                       .delays = {123456, 0, 40000, 6000},
                                       .code = 450,
                                       .detail = {4, 2, 1},
                                       .status = "deferred",
                                       .text = "450 4.2.1 later"};

static const struct event removed = {
    .kind = EVENT_REMOVED, .level = LOG_INFO, .id = SPAN_INIT("A1"), .uid = 0};

static const struct event reported = {.kind = EVENT_REPORTED,
                                      .level = LOG_INFO,
                                      .id = SPAN_INIT("A1"),
                                      .sender = "",
                                      .size = 1600,
                                      .recipients = 1,
                                      .recipient = "ada@example.org",
                                      .report = "sender delay notification",
                                      .report_id = SPAN_INIT("B2")};

static const struct event line = {.kind = EVENT_LINE,
                                  .level = LOG_WARNING,
                                  .uid = -1,
                                  .account = "work",
                                  .relay = "",
                                  .text = "no route"};

static void test_lines(void **state)
{
    (void)state;
    static const struct {
        const struct event *e;
        unsigned nth;
        const char *process, *text; // NULL: there is no such line
    } rows[] = {
        {&queued, 0, "pickup", "660E1560C30C46E8BA: uid=33 from=<ada@example.org>"},
        {&queued, 1, "qmgr",
         "660E1560C30C46E8BA: from=<ada@example.org>, size=4321, nrcpt=2 (queue active)"},
        {&queued, 2, NULL, NULL},
        {&attempted, 0, "smtp",
         "660E1560C30C46E8BA: to=<bob@example.net>, relay=smtp.example.org[192.0.2.1]:587, "
         "delay=0.16, delays=0.12/0.00/0.04/0.00, dsn=4.2.1, status=deferred "
         "(450 4.2.1 later), uid=1000"},
        {&attempted, 1, NULL, NULL},
        {&removed, 0, "qmgr", "A1: removed"},
        {&removed, 1, NULL, NULL},
        {&reported, 0, "bounce", "A1: sender delay notification: B2"},
        {&reported, 1, "qmgr", "B2: from=<>, size=1600, nrcpt=1 (queue active)"},
        {&reported, 2, NULL, NULL},
        {&line, 0, "smtp", "account=work, relay=none: no route"},
        {&line, 1, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *process;
        buf_clear(&out);
        assert_int_equal(event_line(rows[i].e, rows[i].nth, &process, &out), !!rows[i].text);
        if (rows[i].text) {
            assert_string_equal(process, rows[i].process);
            assert_string_equal(buf_str(&out), rows[i].text);
        }
    }
}

static void test_seconds(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        const char *text;
    } rows[] = {
        {-5000000, "delay=0.00, delays=0.00/"}, // the clock was set back
        {9999, "delay=0.00, delays=0.00/"},
        {10000, "delay=0.01, delays=0.01/"},
        {9999999, "delay=9.99, delays=9.99/"},
        {10000000, "delay=10.0, delays=10.0/"},
        {99990000, "delay=99.9, delays=99.9/"},
        {100000000, "delay=100, delays=100/"},
        {86400LL * 1000000 * 30, "delay=2592000, delays=2592000/"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *process;
        struct event e = attempted;
        e.delays = (struct event_delays){.before = rows[i].us};
        buf_clear(&out);
        assert_true(event_line(&e, 0, &process, &out));
        assert_non_null(strstr(buf_str(&out), rows[i].text));
    }
}

static void walk_text(void *with, const char *name, struct span text)
{
    buf_printf(with, "%s=%.*s ", name, SPAN_ARGS(text));
}

static void walk_number(void *with, const char *name, int64_t number)
{
    buf_printf(with, "%s:%" PRId64 " ", name, number);
}

static void expect_walk(const struct event *e, const char *text)
{
    static const struct event_sink sink = {walk_text, walk_number};
    buf_clear(&out);
    event_walk(e, &sink, &out);
    assert_string_equal(buf_str(&out), text);
}

static void test_walk(void **state)
{
    (void)state;
    expect_walk(&queued, "event=queued id=660E1560C30C46E8BA uid:33 sender=ada@example.org "
                         "size:4321 recipients:2 ");
    expect_walk(&attempted,
                "event=attempted id=660E1560C30C46E8BA uid:1000 sender=ada@example.org "
                "recipient=bob@example.net account=work relay=smtp.example.org[192.0.2.1]:587 "
                "delay_ms:169 before_ms:123 waiting_ms:0 connecting_ms:40 sending_ms:6 "
                "code:450 dsn=4.2.1 status=deferred reply=450 4.2.1 later ");
    expect_walk(&removed, "event=removed id=A1 uid:0 ");
    expect_walk(&reported, "event=reported id=A1 uid:0 sender= size:1600 recipients:1 "
                           "recipient=ada@example.org report=sender delay notification "
                           "report_id=B2 ");
    expect_walk(&line, "event=line account=work reason=no route ");
}

static void test_journal(void **state)
{
    (void)state;
    struct event e = removed;
    // What would make a second field of it becomes a blank.
    journal_head(&out, LOG_WARNING, "sendoff/qmgr", 42, SPAN("A1: bad\nPRIORITY=0\x1b"));
    journal_event(&out, &e);
    e = line;
    e.text = "a\nSENDOFF_UID=0";
    journal_event(&out, &e);
    assert_string_equal(buf_str(&out), "MESSAGE=A1: bad PRIORITY=0?\n"
                                       "PRIORITY=4\nSYSLOG_FACILITY=2\n"
                                       "SYSLOG_IDENTIFIER=sendoff/qmgr\nSYSLOG_PID=42\n"
                                       "SENDOFF_EVENT=removed\nSENDOFF_ID=A1\nSENDOFF_UID=0\n"
                                       "SENDOFF_EVENT=line\nSENDOFF_ACCOUNT=work\n"
                                       "SENDOFF_REASON=a SENDOFF_UID=0\n");
}

static void test_journal_names(void **state)
{
    (void)state;
    journal_event(&out, &attempted);
    struct span rest = buf_span(&out), field;
    while (rest.n && span_cut(&rest, '\n', &field)) {
        struct span name;
        assert_true(span_cut(&field, '=', &name));
        assert_true(name.n > 8 && name.n < 64);
        for (size_t i = 0; i < name.n; i++)
            assert_true((name.p[i] >= 'A' && name.p[i] <= 'Z') || name.p[i] == '_');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(test_seconds, setup, teardown),
        cmocka_unit_test_setup_teardown(test_walk, setup, teardown),
        cmocka_unit_test_setup_teardown(test_journal, setup, teardown),
        cmocka_unit_test_setup_teardown(test_journal_names, setup, teardown),
    };
    return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
