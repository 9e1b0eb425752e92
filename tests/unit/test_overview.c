// SPDX-License-Identifier: ISC
// links: sendoff
// The three ways to show a message: mailq.c, overview.c and record.c, of the same messages.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sendoff/queue/mailq.h"
#include "sendoff/queue/overview.h"
#include "sendoff/queue/record.h"

static const int64_t now = 1795356000000000; // Sun Nov 22 14:00:00 2026 UTC

static struct entry entry;
static struct listing listing;
static struct listed one;
static struct buf out;

static int setup(void **state)
{
    (void)state;
    setenv("TZ", "UTC0", 1);
    tzset();
    entry = (struct entry){.name = "660DE22F94898AB885:2,S", .place = MAILDIR_CUR};
    block_init(&entry.block);
    entry.block.octets = 3500;
    entry.block.attempts = 3;
    entry.block.arrival = now - 7200 * (int64_t)1000000;
    listing = (struct listing){
        .now = now, .account_name = "work", .oldest = INT64_MAX, .messages = 1};
    one = (struct listed){.spool = "/spool",
                          .user = "",
                          .owner = 1001,
                          .entry = &entry,
                          .next = now + 720 * (int64_t)1000000,
                          .account = "work",
                          .reason = "451 4.7.1 greylisted"};
    out = (struct buf)BUF_INIT(1 << 20);
    return envelope_set_sender(&entry.block.envelope, SPAN("ada@example.org")) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    block_free(&entry.block);
    buf_free(&out);
    return 0;
}

static void add(const char *address, enum recipient_status status)
{
    struct envelope *e = &entry.block.envelope;
    assert_true(envelope_add(e, span_of(address), SPAN("")));
    envelope_recipient(e, envelope_count(e) - 1)->status = status;
}

static const char mailq_head[] =
    "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n";

static void expect(const char *text)
{
    assert_string_equal(buf_str(&out), text);
    buf_clear(&out);
}

static void expect_mailq(const char *text)
{
    mailq_put(&out, &listing, &one);
    assert_int_equal(strncmp(buf_str(&out), mailq_head, strlen(mailq_head)), 0);
    buf_drop(&out, strlen(mailq_head));
    expect(text);
}

static void test_mailq(void **state)
{
    (void)state;
    add("got@example.net", RECIPIENT_DELIVERED);
    add("late@example.net", RECIPIENT_WAITING);
    add("not@example.net", RECIPIENT_FAILED);
    expect_mailq("660DE22F94898AB885    3500 Sun Nov 22 12:00:00  ada@example.org\n"
                 "                                                        "
                 "(451 4.7.1 greylisted)\n"
                 "                                         late@example.net\n");
    one.state = LISTED_CLAIMED;
    one.reason = "";
    expect_mailq("660DE22F94898AB885*    3500 Sun Nov 22 12:00:00  ada@example.org\n"
                 "                                         late@example.net\n");
    one.state = LISTED_HELD;
    snprintf(entry.name, sizeof entry.name, "ABC");
    expect_mailq("ABC!           3500 Sun Nov 22 12:00:00  ada@example.org\n"
                 "                                         late@example.net\n");
    one.state = LISTED_FAILED;
    assert_true(envelope_set_sender(&entry.block.envelope, SPAN("")));
    expect_mailq("ABC#           3500 Sun Nov 22 12:00:00  MAILER-DAEMON\n"
                 "                                         late@example.net\n"
                 "                                         not@example.net\n");
    listing.messages = 2; // not the first
    mailq_put(&out, &listing, &one);
    assert_int_equal(strncmp(buf_str(&out), "\nABC# ", 6), 0);
}

static void test_mailq_long_reason(void **state)
{
    (void)state;
    char reason[101], want[300];
    memset(reason, 'x', 100);
    reason[3] = '\x1b';
    reason[100] = '\0';
    one.reason = reason;
    mailq_put(&out, &listing, &one);
    reason[3] = '?';
    snprintf(want, sizeof want, "\n(%s)\n", reason);
    assert_non_null(strstr(buf_str(&out), want));
}

static void test_mailq_end(void **state)
{
    (void)state;
    listing.messages = 0;
    mailq_put_end(&out, &listing);
    expect("Mail queue is empty\n");
    listing.messages = 1;
    listing.octets = 1023;
    mailq_put_end(&out, &listing);
    expect("\n-- 0 Kbytes in 1 Request.\n");
    listing.messages = 2;
    listing.octets = 3000;
    mailq_put_end(&out, &listing);
    expect("\n-- 2 Kbytes in 2 Requests.\n");
}

static void show(size_t width)
{
    const struct terminal t = {.width = width};
    overview_put(&out, &listing, &one, &t);
}

static void test_overview(void **state)
{
    (void)state;
    add("got@example.net", RECIPIENT_DELIVERED);
    add("late@example.net", RECIPIENT_WAITING);
    add("other@example.net", RECIPIENT_WAITING);
    show(0);
    expect("660DE22F94898AB885    2h old     3.4K  next try in 12m, 3 made\n"
           "  from ada@example.org to late@example.net, other@example.net\n"
           "  451 4.7.1 greylisted\n");
    show(60);
    expect("660DE22F94898AB885    2h old     3.4K  next try in 12m, 3...\n"
           "  from ada@example.org to late@example.net and 1 more\n"
           "  451 4.7.1 greylisted\n");
    show(40);
    expect("660DE22F94898AB885    2h old     3.4K...\n"
           "  from ada@example.org to late@exampl...\n"
           "  451 4.7.1 greylisted\n");
    one.rests = true;
    one.reason = "connect: refused";
    show(80);
    expect("660DE22F94898AB885    2h old     3.4K  next try in 12m, account work rests\n"
           "  from ada@example.org to late@example.net, other@example.net\n");
    const struct terminal t = {.width = 50};
    snprintf(listing.account.reply, sizeof listing.account.reply, "connect: refused\x1b");
    listing.account.not_before = one.next;
    listing.count[LISTED_WAITING] = 1;
    overview_put_account(&out, &listing, &t);
    expect("");
    listing.resting = true;
    overview_put_account(&out, &listing, &t);
    expect("account work rests, next try in 12m: connect: r...\n");
}

static void test_colours(void **state)
{
    (void)state;
    const struct terminal t = {.width = 44, .colour = true};
    add("late@example.net", RECIPIENT_WAITING);
    one.state = LISTED_HELD;
    overview_put(&out, &listing, &one, &t);
    expect("\033[33m660DE22F94898AB885    2h old     3.4K  held\033[0m\n"
           "  from ada@example.org to late@example.net\n"
           "\033[2m  451 4.7.1 greylisted\033[0m\n");
}

// Where the spools of all users are listed, it says whose each message is.
static void test_overview_users(void **state)
{
    (void)state;
    add("late@example.net", RECIPIENT_WAITING);
    one.user = "www-data";
    show(0);
    assert_int_equal(strncmp(buf_str(&out), "660DE22F94898AB885  www-data    2h old  ", 40), 0);
    buf_clear(&out);
    one.user = "b\033b";
    show(0);
    assert_int_equal(strncmp(buf_str(&out), "660DE22F94898AB885  b?b         2h old  ", 40), 0);
}

static void test_overview_states(void **state)
{
    (void)state;
    static const struct {
        enum listed_state state;
        const char *line;
    } lines[] = {
        {LISTED_WAITING, "due now, 3 made"},
        {LISTED_CLAIMED, "being sent now"},
        {LISTED_HELD, "held"},
        {LISTED_FAILED, "failed"},
    };
    add("late@example.net", RECIPIENT_WAITING);
    one.reason = "";
    one.next = now - 5;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char want[200];
        one.state = lines[i].state;
        snprintf(want, sizeof want,
                 "660DE22F94898AB885    2h old     3.4K  %s\n"
                 "  from ada@example.org to late@example.net\n",
                 lines[i].line);
        show(0);
        expect(want);
    }
    one.state = LISTED_BROKEN;
    one.reason = "no message of ours, or not whole";
    show(0);
    expect("660DE22F94898AB885  a file  broken\n  no message of ours, or not whole\n");
}

// No line of it is wider, wherever it is cut; characters are not cut in two.
static void test_widths(void **state)
{
    (void)state;
    char address[64];
    for (int i = 0; i < 40; i++) {
        snprintf(address, sizeof address,
                 "gr\xc3\xbc\xc3\x9f\xe9\x83\xb5"
                 "e%d@example.net",
                 i);
        add(address, RECIPIENT_WAITING);
    }
    one.reason = "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc";
    for (size_t width = 4; width < 300; width++) {
        show(width);
        struct span rest = buf_span(&out), line;
        while (span_cut(&rest, '\n', &line)) {
            size_t wide = 0;
            while (line.n) {
                size_t n = text_utf8(line);
                assert_true(n > 0);
                // The wide ones are all of three octets here, and nothing else is.
                wide += n == 3 ? 2 : 1;
                line = (struct span){line.p + n, line.n - n};
            }
            assert_true(wide <= width);
        }
        buf_clear(&out);
    }
}

static void test_sum(void **state)
{
    (void)state;
    listing.messages = 0;
    overview_put_sum(&out, &listing);
    expect("Mail queue is empty\n");
    listing.messages = 1;
    listing.octets = 175;
    listing.count[LISTED_FAILED] = 1;
    overview_put_sum(&out, &listing);
    expect("1 message, 175B: 1 failed\n");
    listing.messages = 4;
    listing.octets = 5000000;
    listing.count[LISTED_WAITING] = 3;
    listing.oldest = now - 100 * (int64_t)1000000;
    overview_put_sum(&out, &listing);
    expect("4 messages, 4.7M: 3 waiting, 1 failed; the oldest has waited 100s\n");
}

static void test_record(void **state)
{
    (void)state;
    add("got@example.net", RECIPIENT_DELIVERED);
    add("\"a b\"@example.net", RECIPIENT_WAITING);
    struct recipient *r = envelope_recipient(&entry.block.envelope, 1);
    r->code = 451;
    r->detail[0] = 4, r->detail[1] = 7, r->detail[2] = 1;
    record_put(&out, &one);
    expect("{\"id\":\"660DE22F94898AB885\",\"spool\":\"/"
           "spool\",\"uid\":1001,\"state\":\"waiting\","
           "\"sender\":\"ada@example.org\",\"recipients\":["
           "{\"address\":\"got@example.net\",\"status\":\"delivered\",\"detail\":\"\"},"
           "{\"address\":\"\\\"a b\\\"@example.net\",\"status\":\"waiting\","
           "\"detail\":\"451 4.7.1\"}],\"size\":3500,\"arrival\":1795348800,\"attempts\":3,"
           "\"next_attempt\":1795356720,\"account\":\"work\","
           "\"reason\":\"451 4.7.1 greylisted\"}\n");
    one.state = LISTED_HELD;
    record_put(&out, &one);
    assert_non_null(strstr(buf_str(&out), "\"next_attempt\":null"));
    buf_clear(&out);
    one.state = LISTED_BROKEN;
    one.reason = "x\ny";
    record_put(&out, &one);
    expect(
        "{\"id\":\"660DE22F94898AB885\",\"spool\":\"/spool\",\"uid\":1001,\"state\":\"broken\","
        "\"reason\":\"x y\"}\n");
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        EACH(test_mailq),
        EACH(test_mailq_long_reason),
        EACH(test_mailq_end),
        EACH(test_overview),
        EACH(test_colours),
        EACH(test_overview_users),
        EACH(test_overview_states),
        EACH(test_widths),
        EACH(test_sum),
        EACH(test_record),
    };
    return cmocka_run_group_tests_name("overview", tests, NULL, NULL);
}
