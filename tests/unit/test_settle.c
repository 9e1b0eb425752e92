// SPDX-License-Identifier: ISC
// links: sendoff
// wraps: io_open io_write io_pwrite io_sync io_unlink io_rename io_close_checked
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <time.h>

#include "base/io.h"
#include "sendoff/pass/settle.h"
#include "unit/faults.h"
#include "unit/mail.h"

static const struct config config = {.bounce = BOUNCE_KEEP}; // reports: test_report.c
static struct settlement settlement;
static struct parcel parcel;

static int setup(void **state)
{
    faults_begin("msur", NULL);
    settlement = (struct settlement){
        .maildir = &mail,
        .schedule = {.first = 60, .longest = 3600},
        .expire = 5 * 86400,
        .reports = {.config = &config, .maildir = &mail, .quota = {.fd = -1}}};
    return mail_setup(state);
}

// A message that was just claimed, as a parcel.
static void claim(struct parcel *p, const char *name, uint32_t job)
{
    struct entry e;
    assert_int_equal(entry_open(&e, &mail, MAILDIR_NEW, name, true), ENTRY_OPEN);
    assert_int_equal(entry_claim(&e, "work"), ENTRY_OPEN);
    parcel_fill(p, job, &e);
}

static void make(const char *name, unsigned recipients)
{
    char path[64];
    snprintf(path, sizeof path, "new/%s", name);
    assert_int_equal(mail_write(path, recipients, "hello\n"), 0);
    claim(&parcel, name, 1);
    did[0] = '\0';
}

static void tell(uint32_t recipient, enum verdict verdict, bool doubt)
{
    static const uint16_t codes[] = {250, 451, 550};
    struct outcome o = {.verdict = verdict,
                        .code = doubt ? 0 : codes[verdict],
                        .status = {codes[verdict] / 100, 0, (uint16_t)recipient},
                        .doubt = doubt};
    outcome_text(&o, SPAN("said"));
    parcel_tell(&parcel, recipient, &o);
}

static void settle_it(void)
{
    settle(&settlement, &parcel);
    settle_commit(&settlement);
    assert_int_equal(settlement.n, 0);
    assert_int_equal(parcel.job, 0);
    assert_int_equal(parcel.entry.fd, -1);
}

// What stands in the file now: its status bytes, and the rest in *b, which is to be freed.
static void read_back(enum maildir_place place, const char *name, const char *statuses,
                      struct entry *e)
{
    char found[64] = "";
    assert_int_equal(entry_open(e, &mail, place, name, false), ENTRY_OPEN);
    for (size_t i = 0; i < envelope_count(&e->block.envelope); i++)
        found[i] = (char)envelope_recipient(&e->block.envelope, i)->status;
    assert_string_equal(found, statuses);
}

static void assert_waits(const char *statuses, int64_t least, int64_t most)
{
    struct entry e;
    read_back(MAILDIR_NEW, "A1", statuses, &e);
    int64_t pause = e.next / 1000000 - (int64_t)time(NULL);
    if (pause < least - 2 || pause > most + 2)
        fail_msg("the next attempt is %ld s from now", (long)pause);
    entry_close(&e);
}

static void test_delivered(void **state)
{
    (void)state;
    make("A1", 3);
    for (uint32_t i = 0; i < 3; i++)
        tell(i, VERDICT_DELIVERED, false);
    settle_it();
    assert_int_equal(mail_count("new") + mail_count("cur") + mail_count(".failed/new"), 0);
    // Its removal is the record: no mark, and one sync, of the directory.
    assert_string_equal(did, "us");
    assert_int_equal(settlement.counts.sent, 3);
    assert_int_equal(settlement.counts.trouble, 0);
    assert_int_equal(settlement.deferred, 0);
}

static void test_deferred(void **state)
{
    (void)state;
    make("A1", 1);
    tell(0, VERDICT_DEFERRED, false);
    settle_it();
    assert_waits("W", 60, 75);
    struct entry e;
    read_back(MAILDIR_NEW, "A1", "W", &e);
    assert_string_equal(e.block.reply, "451 4.0.0 said");
    assert_int_equal(e.block.attempts, 1);
    assert_int_equal(e.block.doubts, 0);
    entry_close(&e);
    assert_int_equal(settlement.counts.deferred, 1);
    assert_int_equal(settlement.deferred, 1);
    claim(&parcel, "A1", 2);
    tell(0, VERDICT_DEFERRED, false);
    settle_it();
    claim(&parcel, "A1", 3);
    tell(0, VERDICT_DEFERRED, false);
    settle_it();
    assert_waits("W", 240, 300);
}

static void test_mixed(void **state)
{
    (void)state;
    make("A1", 4);
    tell(0, VERDICT_DELIVERED, false);
    tell(1, VERDICT_DEFERRED, false);
    tell(2, VERDICT_FAILED, false);
    settle_it(); // nothing was said of the fourth
    assert_waits("DWFW", 60, 75);
    assert_int_equal(did[strlen(did) - 1], 's');
    struct entry e;
    read_back(MAILDIR_NEW, "A1", "DWFW", &e);
    assert_int_equal(envelope_recipient(&e.block.envelope, 2)->code, 550);
    assert_string_equal(e.block.reply, "451 4.0.1 said"); // why it waits
    entry_close(&e);
    // Next time only the two that wait are believed to be talked of.
    claim(&parcel, "A1", 2);
    tell(0, VERDICT_FAILED, false);
    tell(2, VERDICT_DELIVERED, false);
    tell(1, VERDICT_DELIVERED, false);
    tell(3, VERDICT_DELIVERED, false);
    settle_it();
    read_back(MAILDIR_FAILED_NEW, "A1", "DDFD", &e); // it failed for one of them
    entry_close(&e);
    assert_int_equal(mail_count("new"), 0);
    assert_int_equal(settlement.counts.sent, 3);
    assert_int_equal(settlement.counts.failed, 1);
}

static void test_failed(void **state)
{
    (void)state;
    make("A1", 2);
    tell(0, VERDICT_FAILED, false);
    tell(1, VERDICT_DELIVERED, false);
    settle_it();
    struct entry e;
    read_back(MAILDIR_FAILED_NEW, "A1", "FD", &e);
    assert_string_equal(e.block.reply, "550 5.0.0 said");
    entry_close(&e);
    assert_string_equal(did,
                        "mmmrsss"); // marks and state, the move, the file, both directories
    assert_int_equal(settlement.counts.trouble, 0);
    assert_int_equal(settlement.deferred, 0);
}

// What is said twice, of nobody, or of one who is settled is not believed.
static void test_what_is_not_believed(void **state)
{
    (void)state;
    make("A1", 2);
    tell(0, VERDICT_DEFERRED, false);
    tell(0, VERDICT_DELIVERED, false);
    tell(2, VERDICT_DELIVERED, false);
    tell(UINT32_MAX, VERDICT_DELIVERED, false);
    assert_true(parcel_is_judged(&parcel));
    settle_it();
    assert_waits("WW", 60, 75);
    assert_int_equal(settlement.counts.sent, 0);
}

static void test_judged(void **state)
{
    (void)state;
    static const struct {
        struct outcome o;
        bool judged;
    } table[] = {
        {{.verdict = VERDICT_DEFERRED, .scope = SCOPE_SESSION}, false},
        {{.verdict = VERDICT_DEFERRED, .scope = SCOPE_SESSION, .doubt = true}, true},
        {{.verdict = VERDICT_DEFERRED, .scope = SCOPE_MESSAGE}, true},
        {{.verdict = VERDICT_DEFERRED, .scope = SCOPE_RECIPIENT}, true},
        {{.verdict = VERDICT_DELIVERED, .scope = SCOPE_RECIPIENT}, true},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        make("A1", 2);
        assert_false(parcel_is_judged(&parcel));
        parcel_tell(&parcel, 1, &table[i].o);
        assert_int_equal(parcel_is_judged(&parcel), table[i].judged);
        parcel_empty(&parcel);
    }
}

static void test_tell_rest(void **state)
{
    (void)state;
    make("A1", 3);
    tell(1, VERDICT_DELIVERED, false);
    struct outcome o = {.verdict = VERDICT_DEFERRED, .text = "the rest"};
    parcel_tell_rest(&parcel, &o);
    settle_it();
    assert_waits("WDW", 60, 75);
}

// HAZARDS 10: what was in doubt rests, and the third doubt ends it.
// The session ended between the transactions of one message: who has had a verdict keeps it,
// and the others are as due as they were.
static void test_partial(void **state)
{
    (void)state;
    make("A1", 3);
    assert_false(parcel_is_partial(&parcel));
    tell(1, VERDICT_DELIVERED, false);
    assert_true(parcel_has_final(&parcel));
    assert_true(parcel_is_partial(&parcel));
    parcel.entry.next = ((int64_t)time(NULL) - 100) * 1000000;
    settle_it();
    assert_waits("WDW", -100, -100);
    assert_int_equal(settlement.deferred, 0);
    assert_int_equal(settlement.counts.sent, 1);
    claim(&parcel, "A1", 2);
    assert_false(parcel_has_final(&parcel));
    tell(0, VERDICT_FAILED, false);
    assert_true(parcel_is_partial(&parcel));
    tell(2, VERDICT_DEFERRED, false);
    assert_true(parcel_has_final(&parcel));
    assert_false(parcel_is_partial(&parcel));
    settle_it();
    assert_waits("FDW", 120, 150);
}

static void test_not_final(void **state)
{
    (void)state;
    make("A1", 2);
    tell(0, VERDICT_DEFERRED, false);
    assert_false(parcel_has_final(&parcel));
    assert_false(parcel_is_partial(&parcel));
    settle_it();
    claim(&parcel, "A1", 2);
    tell(0, VERDICT_DEFERRED, true);
    assert_true(parcel_has_final(&parcel));
    assert_false(parcel_is_partial(&parcel));
    settle_it();
}

static void test_doubts(void **state)
{
    (void)state;
    struct entry e;
    make("A1", 2);
    settlement.schedule.longest = 60;
    for (unsigned i = 1; i < SETTLE_DOUBTS; i++) {
        if (i > 1)
            claim(&parcel, "A1", i);
        tell(0, VERDICT_DEFERRED, true);
        tell(1, VERDICT_DEFERRED, false);
        settle_it();
        assert_waits("WW", SCHEDULE_DOUBT, SCHEDULE_DOUBT);
        read_back(MAILDIR_NEW, "A1", "WW", &e);
        assert_int_equal(e.block.doubts, i);
        assert_false(schedule_is_due(&settlement.schedule, e.next, time(NULL) * 1000000));
        entry_close(&e);
    }
    claim(&parcel, "A1", 9);
    tell(0, VERDICT_DEFERRED, true);
    settle_it(); // of the other one nothing was said now: it waits on
    read_back(MAILDIR_NEW, "A1", "FW", &e);
    entry_close(&e);
    claim(&parcel, "A1", 10);
    tell(1, VERDICT_DEFERRED, true);
    settle_it();
    read_back(MAILDIR_FAILED_NEW, "A1", "FF", &e);
    assert_int_equal(e.block.doubts, 4);
    entry_close(&e);
    assert_int_equal(settlement.counts.doubtful, 4);
}

// HAZARDS 25: only a verdict on the message itself ends what waited too long.
static void test_expiry(void **state)
{
    (void)state;
    struct entry e;
    struct outcome line = {.verdict = VERDICT_DEFERRED, .scope = SCOPE_SESSION};
    settlement.expire = 100;
    make("A1", 2);
    parcel.entry.block.arrival -= 101000000;
    parcel_tell_rest(&parcel, &line);
    settle_it();
    assert_waits("WW", 60, 75);
    claim(&parcel, "A1", 2);
    parcel.entry.block.arrival -= 101000000;
    tell(0, VERDICT_DEFERRED, false);
    tell(1, VERDICT_DELIVERED, false);
    settle_it();
    read_back(MAILDIR_FAILED_NEW, "A1", "FD", &e);
    entry_close(&e);
    make("A1", 1);
    parcel.entry.block.arrival += 1000000000; // by a clock that jumped
    tell(0, VERDICT_DEFERRED, false);
    settle_it();
    assert_waits("W", 60, 75);
}

// HAZARDS 24: sent, and nothing can be written. The name must say it.
static void test_mark_fails_after_sending(void **state)
{
    (void)state;
    make("A1", 2);
    tell(0, VERDICT_DELIVERED, false);
    tell(1, VERDICT_DEFERRED, false);
    fault.pwrite = ENOSPC;
    settle_it();
    assert_true(mail_has("cur/A1:2,H"));
    assert_int_equal(mail_count("new"), 0);
    assert_int_equal(settlement.counts.trouble, 1);
}

static void test_mark_fails_in_doubt(void **state)
{
    (void)state;
    make("A1", 1);
    tell(0, VERDICT_DEFERRED, true);
    fault.pwrite = ENOSPC;
    settle_it();
    assert_true(mail_has("cur/A1:2,H"));
}

// Nobody got it, so it may be tried again: a full disk holds no greylisted mail.
static void test_mark_fails_of_what_was_not_sent(void **state)
{
    (void)state;
    make("A1", 2);
    tell(0, VERDICT_DEFERRED, false);
    tell(1, VERDICT_FAILED, false);
    fault.pwrite = ENOSPC;
    settle_it();
    assert_true(mail_has("new/A1"));
    assert_int_equal(settlement.counts.trouble, 1);
}

static void test_sync_fails_after_sending(void **state)
{
    (void)state;
    make("A1", 2);
    tell(0, VERDICT_DELIVERED, false);
    tell(1, VERDICT_DEFERRED, false);
    fault.sync = EIO;
    settle_it();
    assert_true(mail_has("cur/A1:2,H"));
    assert_true(settlement.counts.trouble > 0);
}

// Neither marked nor renamed: nothing is lost, and it is said.
static void test_nothing_works_after_sending(void **state)
{
    (void)state;
    make("A1", 1);
    tell(0, VERDICT_DELIVERED, false);
    fault.pwrite = fault.unlink = fault.rename = fault.sync = EROFS;
    settle_it();
    assert_true(mail_has("new/A1"));
    assert_true(settlement.counts.trouble > 0);
}

// It can not be removed, but marked: it is not sent again.
static void test_removal_fails(void **state)
{
    (void)state;
    struct entry e;
    make("A1", 2);
    tell(0, VERDICT_DELIVERED, false);
    tell(1, VERDICT_DELIVERED, false);
    fault.unlink = EIO;
    settle_it();
    read_back(MAILDIR_NEW, "A1", "DD", &e);
    entry_close(&e);
}

static void test_removal_can_not_be_synced(void **state)
{
    (void)state;
    make("A1", 1);
    tell(0, VERDICT_DELIVERED, false);
    fault.sync = EIO;
    settle_it();
    assert_int_equal(mail_count("new"), 0);
    assert_int_equal(settlement.counts.trouble, 1);
}

// HAZARDS 24: what can not be moved stays, marked failed.
static void test_failed_can_not_be_moved(void **state)
{
    (void)state;
    struct entry e;
    make("A1", 1);
    tell(0, VERDICT_FAILED, false);
    fault.rename = ENOSPC;
    settle_it();
    read_back(MAILDIR_NEW, "A1", "F", &e);
    entry_close(&e);
    assert_int_equal(settlement.counts.trouble, 1);
}

// HAZARDS 23: a mail reader had its hands on it while it was sent.
static void test_a_mail_reader_meanwhile(void **state)
{
    (void)state;
    struct entry e;
    make("A1", 1);
    assert_int_equal(mail_rename("new/A1", "cur/A1:2,FS"), 0);
    tell(0, VERDICT_DELIVERED, false);
    settle_it();
    assert_int_equal(mail_count("new") + mail_count("cur"), 0);
    make("A2", 2);
    assert_int_equal(mail_rename("new/A2", "cur/A2:2,S"), 0);
    tell(0, VERDICT_DELIVERED, false);
    tell(1, VERDICT_DEFERRED, false);
    settle_it();
    read_back(MAILDIR_CUR, "A2:2,S", "DW", &e);
    entry_close(&e);
    make("A3", 1); // cancelled
    assert_int_equal(unlink(tree_path("spool/new/A3")), 0);
    tell(0, VERDICT_DELIVERED, false);
    settle_it();
    assert_int_equal(settlement.counts.trouble, 0);
    make("A4", 1);
    assert_int_equal(unlink(tree_path("spool/new/A4")), 0);
    tell(0, VERDICT_DEFERRED, false);
    settle_it();
    assert_int_equal(settlement.counts.trouble, 0);
}

// A group costs one sync of each directory, however many its messages; when it is full it
// commits itself.
static void test_groups(void **state)
{
    (void)state;
    static struct parcel parcels[SETTLE_GROUP];
    size_t syncs = 0, first_sync = 0;
    for (uint32_t i = 0; i < SETTLE_GROUP; i++) {
        char name[16], path[32];
        struct outcome o = {.verdict = VERDICT_DELIVERED, .code = 250};
        snprintf(name, sizeof name, "A%u", i);
        snprintf(path, sizeof path, "new/%s", name);
        assert_int_equal(mail_write(path, 1, "hello\n"), 0);
        claim(&parcels[i], name, i + 1);
        parcel_tell_rest(&parcels[i], &o);
    }
    did[0] = '\0';
    for (uint32_t i = 0; i < SETTLE_GROUP; i++) {
        assert_int_equal(settlement.n, i);
        assert_int_equal(settlement.counts.sent, 0); // nothing counts before the sync
        settle(&settlement, &parcels[i]);
        assert_int_equal(parcels[i].job, i + 1 < SETTLE_GROUP ? i + 1 : 0);
    }
    assert_int_equal(settlement.n, 0);
    assert_int_equal(settlement.counts.sent, SETTLE_GROUP);
    for (size_t i = 0; did[i]; i++) {
        syncs += did[i] == 's';
        first_sync = did[i] == 's' && !first_sync ? i : first_sync;
    }
    assert_int_equal(syncs, 1);
    assert_int_equal(first_sync, SETTLE_GROUP);
}

int main(void)
{
#define IN_SPOOL(f) cmocka_unit_test_setup_teardown(f, setup, mail_teardown)
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_delivered),
        IN_SPOOL(test_deferred),
        IN_SPOOL(test_mixed),
        IN_SPOOL(test_failed),
        IN_SPOOL(test_what_is_not_believed),
        IN_SPOOL(test_judged),
        IN_SPOOL(test_tell_rest),
        IN_SPOOL(test_partial),
        IN_SPOOL(test_not_final),
        IN_SPOOL(test_doubts),
        IN_SPOOL(test_expiry),
        IN_SPOOL(test_mark_fails_after_sending),
        IN_SPOOL(test_mark_fails_in_doubt),
        IN_SPOOL(test_mark_fails_of_what_was_not_sent),
        IN_SPOOL(test_sync_fails_after_sending),
        IN_SPOOL(test_nothing_works_after_sending),
        IN_SPOOL(test_removal_fails),
        IN_SPOOL(test_removal_can_not_be_synced),
        IN_SPOOL(test_failed_can_not_be_moved),
        IN_SPOOL(test_a_mail_reader_meanwhile),
        IN_SPOOL(test_groups),
    };
    return cmocka_run_group_tests_name("settle", tests, NULL, NULL);
}
