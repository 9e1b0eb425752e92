// SPDX-License-Identifier: ISC
// links: sendoff
// wraps: config_domain io_open io_write io_pwrite io_sync io_unlink io_rename io_close_checked
// Reports and digests in a real spool, by way of settling: a failed message never goes before
// its sender's report is durable, whatever fails.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/io.h"
#include "sendoff/pass/settle.h"
#include "spool/lock.h"
#include "unit/faults.h"
#include "unit/mail.h"

// A rename to .failed has an error of its own.
static int fail_error;

static int judge(char call, int fd)
{
    return call == 'r' && fd == mail.place[MAILDIR_FAILED_NEW] ? fail_error : fault_of(call);
}

bool __wrap_config_domain(const struct config *c, struct buf *out);

bool __wrap_config_domain(const struct config *c, struct buf *out)
{
    buf_puts(out, c->domain);
    return c->domain[0];
}

static char nothing[] = "", domain[] = "client.example", bounce_to[] = "admin@admin.example";
static struct config config;
static struct config_account account;
static struct settlement settlement;
static struct parcel parcel;
static int lock_fd;

static int setup(void **state)
{
    diag_log_to(DIAG_NONE);
    config = (struct config){
        .aliases = nothing, .local_to = nothing, .bounce_to = nothing, .domain = domain};
    account = (struct config_account){.from = nothing, .user = nothing};
    settlement = (struct settlement){
        .maildir = &mail,
        .schedule = {.first = 60, .longest = 3600},
        .expire = 5 * 86400,
        .reports = {.config = &config, .account = &account, .uid = geteuid()}};
    fail_error = 0;
    faults_begin("wmsur", judge);
    if (mail_setup(state))
        return -1;
    lock_fd = lock_take(mail.root, LOCK_NAME);
    settle_begin(&settlement, lock_fd);
    did[0] = '\0';
    return lock_fd < 0;
}

static int teardown(void **state)
{
    settle_end(&settlement);
    close(lock_fd);
    return mail_teardown(state);
}

// Writes a message as mail_write does, but from that sender, with the recipients' options.
static void make(const char *name, const char *sender, unsigned recipients, const char *options)
{
    static const char body[] = "Subject: hi\nMessage-ID: <1@client.example>\n\nhello\n";
    struct block b;
    struct buf text = BUF_INIT(1 << 20);
    char path[64], address[64];
    block_init(&b);
    b.octets = sizeof body - 1;
    b.lines = 4;
    b.arrival = (int64_t)time(NULL) * 1000000;
    assert_true(envelope_set_sender(&b.envelope, span_of(sender)));
    for (unsigned i = 0; i < recipients; i++) {
        snprintf(address, sizeof address, "r%u@example.org", i);
        assert_true(envelope_add(&b.envelope, span_of(address), span_of(options)));
    }
    assert_true(block_encode(&text, &b));
    buf_puts(&text, body);
    snprintf(path, sizeof path, "spool/new/%s", name);
    assert_int_equal(tree_write(path, text.p, text.n), 0);
    block_free(&b);
    buf_free(&text);
}

static void claim(const char *name)
{
    struct entry e;
    assert_int_equal(entry_open(&e, &mail, MAILDIR_NEW, name, true), ENTRY_OPEN);
    assert_int_equal(entry_claim(&e, "work"), ENTRY_OPEN);
    parcel_fill(&parcel, 1, &e);
    did[0] = '\0';
}

static void tell(uint32_t recipient, enum verdict verdict)
{
    static const uint16_t codes[] = {250, 451, 550};
    struct outcome o = {.verdict = verdict,
                        .code = codes[verdict],
                        .status = {codes[verdict] / 100, 1, (uint16_t)recipient}};
    outcome_text(&o, SPAN("said"));
    parcel_tell(&parcel, recipient, &o);
}

static void settle_it(void)
{
    settle(&settlement, &parcel);
    settle_commit(&settlement);
}

// A message to one recipient that just failed, settled.
static void fail_one(const char *name, const char *sender, const char *options)
{
    make(name, sender, 1, options);
    claim(name);
    tell(0, VERDICT_FAILED);
    settle_it();
}

// Settles what is in new/ and nobody waits for, as the next pass does.
static void next_pass(void)
{
    struct worklist list;
    static const enum maildir_place places[] = {MAILDIR_NEW};
    enum maildir_place place;
    const char *name;
    settle_end(&settlement);
    settle_begin(&settlement, lock_fd);
    assert_int_equal(worklist_fill(&list, &mail, places, 1), 0);
    while (worklist_next(&list, &place, &name)) {
        struct entry e;
        assert_int_equal(entry_open(&e, &mail, place, name, true), ENTRY_OPEN);
        if (envelope_waiting(&e.block.envelope) == 0)
            settle_rest(&settlement, &e);
        entry_close(&e);
    }
    worklist_free(&list);
    settle_end(&settlement);
    settle_begin(&settlement, lock_fd);
}

// The reports in new/, from <>: how many; the text of the last one in *text, whom it goes to in
// *to.
static size_t find_reports(struct buf *text, struct buf *to)
{
    struct worklist list;
    static const enum maildir_place places[] = {MAILDIR_NEW};
    enum maildir_place place;
    const char *name;
    size_t count = 0;
    assert_int_equal(worklist_fill(&list, &mail, places, 1), 0);
    while (worklist_next(&list, &place, &name)) {
        struct entry e;
        assert_int_equal(entry_open(&e, &mail, place, name, false), ENTRY_OPEN);
        if (!*envelope_sender(&e.block.envelope) && strlen(name) == MAILDIR_ID) {
            size_t n = (size_t)e.block.octets;
            buf_clear(text);
            buf_clear(to);
            assert_int_equal(pread(e.fd, buf_room(text, n), n, (off_t)e.block.size), n);
            buf_grew(text, n);
            buf_puts(to, envelope_address(&e.block.envelope, 0));
            count++;
        }
        entry_close(&e);
    }
    worklist_free(&list);
    return count;
}

static void expect_reports(size_t count, const char *to, const char *line)
{
    struct buf text = BUF_INIT(BOUNCE_MAX), address = BUF_INIT(2048);
    assert_int_equal(find_reports(&text, &address), count);
    if (count) {
        assert_string_equal(buf_str(&address), to);
        if (!strstr(buf_str(&text), line))
            fail_msg("there is no '%s' in:\n%s", line, buf_str(&text));
    }
    buf_free(&text);
    buf_free(&address);
}

static void expect_statuses(const char *name, const char *statuses)
{
    struct entry e;
    char found[64] = "";
    assert_int_equal(entry_open(&e, &mail, MAILDIR_NEW, name, false), ENTRY_OPEN);
    for (size_t i = 0; i < envelope_count(&e.block.envelope); i++)
        found[i] = (char)envelope_recipient(&e.block.envelope, i)->status;
    assert_string_equal(found, statuses);
    entry_close(&e);
}

static void test_order(void **state)
{
    (void)state;
    fail_one("A1", "ada@client.example", "");
    // The report is written, synced, renamed, its directory synced, and counted; then the
    // message is removed, and that synced.
    assert_string_equal(did, "wwsrsmus");
    assert_false(mail_has("new/A1"));
    assert_int_equal(mail_count(".failed/new"), 0);
    expect_reports(1, "ada@client.example", "Diagnostic-Code: smtp; 550 5.1.0 said\n");
    expect_reports(1, "ada@client.example", "References: <1@client.example>\n");
    expect_reports(1, "ada@client.example", "Subject: hi\n");
    assert_int_equal(settlement.deferred, 1); // it waits
    assert_int_equal(settlement.counts.trouble, 0);
}

static void test_nobody_to_tell(void **state)
{
    (void)state;
    fail_one("A1", "", "");
    assert_true(mail_has(".failed/new/A1"));
    config.bounce = BOUNCE_KEEP;
    fail_one("A2", "ada@client.example", "");
    assert_true(mail_has(".failed/new/A2"));
    config.bounce = BOUNCE_SENDER;
    config.domain = nothing;
    fail_one("A3", "nobody", "");
    expect_reports(0, NULL, NULL);
    assert_int_equal(settlement.counts.trouble, 0);
}

static void test_unwanted(void **state)
{
    (void)state;
    fail_one("A1", "ada@client.example", "NOTIFY=NEVER");
    assert_string_equal(did, "us");
    fail_one("A2", "ada@client.example", "NOTIFY=DELAY");
    fail_one("A3", "", "NOTIFY=NEVER");
    assert_int_equal(mail_count("new") + mail_count(".failed/new"), 0);
}

// Some have failed, others wait: told once, and marked so.
static void test_mixed(void **state)
{
    (void)state;
    make("A1", "ada@client.example", 4, "");
    claim("A1");
    tell(0, VERDICT_FAILED);
    tell(1, VERDICT_DEFERRED);
    tell(2, VERDICT_DELIVERED);
    tell(3, VERDICT_DEFERRED);
    settle_it();
    expect_statuses("A1", "RWDW");
    expect_reports(1, "ada@client.example", "Final-Recipient: rfc822; r0@example.org\n");
    claim("A1");
    tell(1, VERDICT_FAILED);
    tell(3, VERDICT_DEFERRED);
    settle_it();
    expect_statuses("A1", "RRDW");
    expect_reports(2, "ada@client.example", "Final-Recipient: rfc822; r1@example.org\n");
    claim("A1");
    tell(3, VERDICT_DELIVERED);
    settle_it();
    assert_false(mail_has("new/A1"));
    assert_int_equal(mail_count(".failed/new"), 0);
    expect_reports(2, "ada@client.example", "");
}

static void test_mixed_of_null_sender(void **state)
{
    (void)state;
    make("A1", "", 2, "");
    claim("A1");
    tell(0, VERDICT_FAILED);
    tell(1, VERDICT_DEFERRED);
    settle_it();
    expect_statuses("A1", "FW");
    claim("A1");
    tell(1, VERDICT_DELIVERED);
    settle_it();
    assert_true(mail_has(".failed/new/A1"));
}

// HAZARDS 24: no report, so the message is kept.
static void test_report_fails(void **state)
{
    (void)state;
    int *const errors[] = {&fault.write, &fault.rename};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        char name[16], path[64];
        snprintf(name, sizeof name, "A%zu", i);
        snprintf(path, sizeof path, ".failed/new/%s", name);
        *errors[i] = ENOSPC;
        fail_one(name, "ada@client.example", "");
        *errors[i] = 0;
        assert_true(mail_has(path));
        assert_int_equal(mail_count("new") + mail_count("tmp"), 0);
    }
}

// And where it can not be moved either it stays, marked, until it can be told.
static void test_nothing_can_be_written(void **state)
{
    (void)state;
    fault.write = fail_error = ENOSPC;
    fail_one("A1", "ada@client.example", "");
    expect_statuses("A1", "F");
    assert_int_equal(settlement.counts.trouble, 1);
    next_pass();
    expect_statuses("A1", "F");
    fault.write = fail_error = 0;
    next_pass();
    assert_false(mail_has("new/A1"));
    assert_int_equal(mail_count(".failed/new"), 0);
    expect_reports(1, "ada@client.example", "the smarthost said: 550 5.1.0 said\n");
}

// While another recipient waits, the report is tried again after each attempt.
static void test_report_comes_later(void **state)
{
    (void)state;
    make("A1", "ada@client.example", 2, "");
    claim("A1");
    fault.write = ENOSPC;
    tell(0, VERDICT_FAILED);
    tell(1, VERDICT_DEFERRED);
    settle_it();
    expect_statuses("A1", "FW");
    fault.write = 0;
    claim("A1");
    tell(1, VERDICT_DEFERRED);
    settle_it();
    expect_statuses("A1", "RW");
    expect_reports(1, "ada@client.example", "Final-Recipient: rfc822; r0@example.org\n");
}

// A crash between the report and the removal: a second report, and not none.
static void test_crash_after_report(void **state)
{
    (void)state;
    make("A1", "ada@client.example", 1, "");
    claim("A1");
    tell(0, VERDICT_FAILED);
    fault.unlink = EIO;
    settle_it();
    // It can not be removed, but marked: reported, so the next pass only removes it.
    expect_statuses("A1", "R");
    fault.unlink = 0;
    next_pass();
    assert_false(mail_has("new/A1"));
    expect_reports(1, "ada@client.example", "");
    // Not even marked.
    make("A2", "ada@client.example", 1, "");
    claim("A2");
    tell(0, VERDICT_FAILED);
    fault.unlink = fault.pwrite = EIO;
    settle_it();
    fault.unlink = fault.pwrite = 0;
    expect_reports(2, "ada@client.example", "");
    expect_statuses("A2", "W");
    claim("A2");
    tell(0, VERDICT_FAILED);
    settle_it();
    expect_reports(3, "ada@client.example", "");
    assert_false(mail_has("new/A2"));
}

// HAZARDS 10: it is reported, and kept, since it may have arrived.
static void test_doubt(void **state)
{
    (void)state;
    struct entry e;
    struct outcome o = {.verdict = VERDICT_DEFERRED, .doubt = true, .text = "connection lost"};
    make("A1", "ada@client.example", 1, "");
    for (int i = 0; i < SETTLE_DOUBTS; i++) {
        expect_reports(0, NULL, NULL);
        claim("A1");
        parcel_tell_rest(&parcel, &o);
        settle_it();
    }
    expect_reports(1, "ada@client.example",
                   "\n    in doubt: connection lost (given up after doubt)\n");
    assert_int_equal(entry_open(&e, &mail, MAILDIR_FAILED_NEW, "A1", false), ENTRY_OPEN);
    assert_int_equal(envelope_recipient(&e.block.envelope, 0)->status, RECIPIENT_REPORTED);
    entry_close(&e);
}

// HAZARDS 29: what is merely broken is never reported by mail.
static void test_unfit(void **state)
{
    (void)state;
    struct outcome o = {
        .verdict = VERDICT_DEFERRED, .scope = SCOPE_MESSAGE, .status = {4, 3, 0}};
    make("A1", "ada@client.example", 1, "");
    claim("A1");
    parcel_tell_rest(&parcel, &o);
    settle_it();
    expect_reports(0, NULL, NULL);
    assert_true(mail_has(".failed/new/A1"));
}

static void test_delay(void **state)
{
    (void)state;
    struct entry e;
    settlement.warn_after = 100;
    make("A1", "ada@client.example", 2, "");
    claim("A1");
    tell(0, VERDICT_DEFERRED);
    tell(1, VERDICT_DEFERRED);
    settle_it();
    expect_reports(0, NULL, NULL); // too early
    for (int i = 0; i < 2; i++) {
        claim("A1");
        parcel.entry.block.arrival -= 101000000;
        tell(0, VERDICT_DEFERRED);
        tell(1, VERDICT_DELIVERED);
        settle_it();
        expect_reports(1, "ada@client.example", "Action: delayed\n");
    }
    assert_int_equal(entry_open(&e, &mail, MAILDIR_NEW, "A1", false), ENTRY_OPEN);
    assert_true(e.block.warned);
    entry_close(&e);
    make("A2", "ada@client.example", 1, "NOTIFY=FAILURE");
    claim("A2");
    parcel.entry.block.arrival -= 101000000;
    tell(0, VERDICT_DEFERRED);
    settle_it();
    make("A3", "", 1, "");
    claim("A3");
    parcel.entry.block.arrival -= 101000000;
    tell(0, VERDICT_DEFERRED);
    settle_it();
    expect_reports(1, "ada@client.example", "Action: delayed\n");
}

// A notice that could not be written is tried again.
static void test_delay_fails(void **state)
{
    (void)state;
    settlement.warn_after = 100;
    make("A1", "ada@client.example", 1, "");
    for (int i = 0; i < 2; i++) {
        fault.write = i == 0 ? ENOSPC : 0;
        claim("A1");
        parcel.entry.block.arrival -= 101000000;
        tell(0, VERDICT_DEFERRED);
        settle_it();
        expect_reports(i == 0 ? 0 : 1, "ada@client.example", "Action: delayed\n");
        expect_statuses("A1", "W");
    }
}

static void storm(unsigned n, const char *first, const char *others)
{
    for (unsigned i = 0; i < n; i++) {
        char name[16];
        snprintf(name, sizeof name, "B%03u", i);
        fail_one(name, i == QUOTA_REPORTS ? first : others, "");
    }
}

static void test_storm(void **state)
{
    (void)state;
    storm(QUOTA_REPORTS + 30, "ada@client.example", "ada@client.example");
    expect_reports(QUOTA_REPORTS, "ada@client.example", "");
    expect_statuses("B020", "F");
    assert_int_equal(mail_count("new"), QUOTA_REPORTS + 30); // reports, and the owed
    did[0] = '\0';
    settle_end(&settlement);
    assert_string_equal(did, "wwsrsmuuuuuuuuuuuuuuuuuuuuuuuuuuuuuus");
    settle_begin(&settlement, lock_fd);
    expect_reports(QUOTA_REPORTS + 1, "ada@client.example",
                   "Subject: 30 messages could not be delivered\n");
    assert_int_equal(mail_count("new"), QUOTA_REPORTS + 1);
    // More in the same hour stay, and wait for the next.
    storm(3, "", "ada@client.example");
    next_pass();
    assert_int_equal(mail_count("new"), QUOTA_REPORTS + 1 + 3);
    expect_statuses("B000", "F");
    settlement.reports.quota.since = 0; // long ago
    quota_spend(&settlement.reports.quota, QUOTA_REPORT, 1);
    next_pass();
    assert_int_equal(mail_count("new"), QUOTA_REPORTS + 1 + 3);
    expect_reports(QUOTA_REPORTS + 1 + 3, "ada@client.example", "multipart/report");
    assert_int_equal(mail_count(".failed/new"), 0);
}

// A digest for several senders is nobody's of them.
static void test_storm_of_several(void **state)
{
    (void)state;
    config.bounce_to = bounce_to;
    storm(QUOTA_REPORTS + 3, "eve@client.example", "ada@client.example");
    next_pass();
    expect_reports(QUOTA_REPORTS + 1, bounce_to,
                   "Subject: 3 messages could not be delivered\n");
    assert_int_equal(mail_count("new"), QUOTA_REPORTS + 1);
}

static void test_digest_fails(void **state)
{
    (void)state;
    storm(QUOTA_REPORTS + 3, "ada@client.example", "ada@client.example");
    fault.write = ENOSPC;
    next_pass();
    assert_int_equal(mail_count(".failed/new"), 3);
    assert_int_equal(mail_count("new"), QUOTA_REPORTS);
}

// Nothing works: they stay as they are, and the next pass has them again.
static void test_digest_and_failed_fail(void **state)
{
    (void)state;
    storm(QUOTA_REPORTS + 3, "ada@client.example", "ada@client.example");
    fault.write = fail_error = ENOSPC;
    next_pass();
    assert_int_equal(mail_count(".failed/new"), 0);
    assert_int_equal(mail_count("new"), QUOTA_REPORTS + 3);
    fault.write = fail_error = 0;
    next_pass();
    expect_reports(QUOTA_REPORTS + 1, "ada@client.example", "3 messages could not");
}

// What somebody retried, held or deleted meanwhile is not the digest's.
static void test_edited_meanwhile(void **state)
{
    (void)state;
    struct entry e;
    storm(QUOTA_REPORTS + 4, "ada@client.example", "ada@client.example");
    assert_int_equal(entry_open(&e, &mail, MAILDIR_NEW, "B020", true), ENTRY_OPEN);
    struct outcome o = {.verdict = VERDICT_DEFERRED};
    assert_int_equal(entry_mark(&e, 0, &o), 0);
    entry_close(&e);
    assert_int_equal(mail_rename("new/B021", "cur/B021:2,H"), 0);
    assert_int_equal(unlink(tree_path("spool/new/B022")), 0);
    settle_end(&settlement);
    settle_begin(&settlement, lock_fd);
    expect_reports(QUOTA_REPORTS + 1, "ada@client.example", "Subject: 1 message could not");
    expect_statuses("B020", "W");
    assert_true(mail_has("cur/B021:2,H"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_order),
        TEST(test_nobody_to_tell),
        TEST(test_unwanted),
        TEST(test_mixed),
        TEST(test_mixed_of_null_sender),
        TEST(test_report_fails),
        TEST(test_nothing_can_be_written),
        TEST(test_report_comes_later),
        TEST(test_crash_after_report),
        TEST(test_doubt),
        TEST(test_unfit),
        TEST(test_delay),
        TEST(test_delay_fails),
        TEST(test_storm),
        TEST(test_storm_of_several),
        TEST(test_digest_fails),
        TEST(test_digest_and_failed_fail),
        TEST(test_edited_meanwhile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
