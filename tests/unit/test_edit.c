// SPDX-License-Identifier: ISC
// links: sendoff
// wraps: spools_find io_open io_write io_pwrite io_sync io_unlink io_rename io_close_checked
// Messages in a spool of the test's own, held, released, retried and deleted; what is said on
// stdout is read back.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <sys/file.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "sendoff/queue/edit.h"
#include "sendoff/queue/pick.h"
#include "spool/entry.h"
#include "unit/faults.h"
#include "unit/mail.h"

static const struct config config;

void __wrap_spools_find(struct spools *s, const struct config *c);

void __wrap_spools_find(struct spools *s, const struct config *c)
{
    (void)c;
    struct identity self = {geteuid(), getegid()};
    *s = (struct spools){0};
    spools_add(s, tree_path("spool"), &self);
    spools_add(s, tree_path("nowhere"), &self);
}

// What one call said on stdout, in *said.
static int run(enum edit_verb verb, const char *words, char said[4096])
{
    char text[512], *ids[16];
    size_t n = 0, got;
    struct buf why = BUF_INIT(1000);
    snprintf(text, sizeof text, "%s", words);
    for (char *p = text; *p; n++) {
        ids[n] = p;
        p += strcspn(p, " ");
        if (*p)
            *p++ = '\0';
    }
    fflush(stdout);
    int before = dup(STDOUT_FILENO);
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_true(dup2(fileno(file), STDOUT_FILENO) >= 0);
    did[0] = '\0';
    int status = edit(&config, verb, ids, n, &why);
    fflush(stdout);
    assert_true(dup2(before, STDOUT_FILENO) >= 0);
    close(before);
    rewind(file);
    got = fread(said, 1, 4095, file);
    said[got] = '\0';
    fclose(file);
    buf_free(&why);
    return status;
}

static void expect(enum edit_verb verb, const char *words, int status, const char *said)
{
    char out[4096];
    assert_int_equal(run(verb, words, out), status);
    assert_string_equal(out, said);
}

// The status bytes of a message, and whether it is due.
static void expect_message(enum maildir_place place, const char *name, const char *statuses)
{
    struct entry e;
    char got[16] = "";
    assert_int_equal(entry_open(&e, &mail, place, name, false), ENTRY_OPEN);
    for (size_t i = 0; i < envelope_count(&e.block.envelope); i++)
        got[i] = (char)envelope_recipient(&e.block.envelope, i)->status;
    assert_string_equal(got, statuses);
    assert_true(e.next <= clock_wall());
    entry_close(&e);
}

static void mark(enum maildir_place place, const char *name, size_t i, enum verdict verdict)
{
    struct entry e;
    struct outcome o = {.verdict = verdict, .code = 550, .status = {5, 1, 1}};
    assert_int_equal(entry_open(&e, &mail, place, name, true), ENTRY_OPEN);
    assert_int_equal(entry_mark(&e, i, &o), 0);
    e.block.doubts = 3;
    assert_int_equal(entry_write_state(&e), 0);
    assert_int_equal(entry_schedule(&e, ((int64_t)time(NULL) + 7200) * 1000000), 0);
    entry_close(&e);
}

static void make(const char *name)
{
    assert_int_equal(mail_write(name, 3, "x\n"), 0);
    assert_int_equal(chmod(tree_path("spool"), 0700), 0);
}

static int setup(void **state)
{
    faults_begin("s", NULL);
    return mail_setup(state);
}

static void test_hold_and_release(void **state)
{
    (void)state;
    make("new/A1");
    make("cur/A2:2,FS");
    expect(EDIT_HOLD, "a1 A2", 0, "A1: held\nA2: held\n");
    assert_true(mail_has("cur/A1:2,H"));
    assert_true(mail_has("cur/A2:2,FHS"));
    assert_true(did[0]);
    expect(EDIT_HOLD, "A1", 0, "A1: held\n");
    mark(MAILDIR_CUR, "A2:2,FHS", 0, VERDICT_DEFERRED);
    expect(EDIT_RELEASE, "ALL", 0, "A1: released\nA2: released\n");
    assert_true(mail_has("cur/A1:2,"));
    expect_message(MAILDIR_CUR, "A2:2,FS", "WWW");
    expect(EDIT_RELEASE, "A1", 0, "A1: not held\n");
}

static void test_retry(void **state)
{
    (void)state;
    make("new/A1");
    make("cur/A2:2,H");
    make(".failed/new/A3");
    mark(MAILDIR_NEW, "A1", 2, VERDICT_DEFERRED);
    mark(MAILDIR_FAILED_NEW, "A3", 0, VERDICT_FAILED);
    mark(MAILDIR_FAILED_NEW, "A3", 1, VERDICT_DELIVERED);
    mark(MAILDIR_FAILED_NEW, "A3", 2, VERDICT_FAILED);
    expect(EDIT_RETRY, "ALL", 0, "A1: due now\nA3: back in the queue\n");
    expect_message(MAILDIR_NEW, "A1", "WWW");
    expect_message(MAILDIR_NEW, "A3", "WDW");
    assert_true(mail_has("cur/A2:2,H"));
    expect(EDIT_RETRY, "A2", 0, "A2: released\n");
    assert_true(mail_has("cur/A2:2,"));
    struct entry e;
    assert_int_equal(entry_open(&e, &mail, MAILDIR_NEW, "A3", false), ENTRY_OPEN);
    assert_int_equal(e.block.doubts, 0);
    entry_close(&e);
}

// Failed, and not moved to .failed yet.
static void test_retry_in_place(void **state)
{
    (void)state;
    make("cur/A1:2,S");
    for (size_t i = 0; i < 3; i++)
        mark(MAILDIR_CUR, "A1:2,S", i, i ? VERDICT_DELIVERED : VERDICT_FAILED);
    expect(EDIT_HOLD, "A1", EX_DATAERR, "");
    expect(EDIT_RETRY, "A1", 0, "A1: back in the queue\n");
    expect_message(MAILDIR_NEW, "A1", "WDD");
}

static void test_delete(void **state)
{
    (void)state;
    make("new/A1");
    make("cur/A2:2,H");
    make("cur/A3:2,T");
    make(".failed/cur/A4:2,S");
    assert_int_equal(tree_text("spool/new/A5", "nothing of ours\n"), 0);
    make("new/A6");
    expect(EDIT_DELETE, "A6 A7 A1", EX_NOINPUT, "A6: deleted\nA1: deleted\n");
    expect(EDIT_DELETE, "ALL", 0, "A2: deleted\nA3: deleted\nA4: deleted\nA5: deleted\n");
    assert_int_equal(mail_count("new") + mail_count("cur") + mail_count(".failed/cur"), 0);
}

static void test_names(void **state)
{
    (void)state;
    make("new/AB12");
    make("new/AB123");
    make("new/AC");
    expect(EDIT_HOLD, "A", EX_DATAERR, "");
    expect(EDIT_HOLD, "AB1", EX_DATAERR, "");
    expect(EDIT_HOLD, "ab12", 0, "AB12: held\n");
    expect(EDIT_HOLD, "AC", 0, "AC: held\n");
    expect(EDIT_HOLD, "ACD", EX_NOINPUT, "");
    // One message under two names, after a crash.
    make("new/B1");
    assert_int_equal(link(tree_path("spool/new/B1"), tree_path("spool/cur/B1:2,S")), 0);
    expect(EDIT_DELETE, "B", 0, "B1: deleted\n");
    expect(EDIT_DELETE, "B", EX_NOINPUT, "");
}

// Somebody sends it now.
static void test_busy(void **state)
{
    (void)state;
    static const enum edit_verb verbs[] = {EDIT_HOLD, EDIT_RELEASE, EDIT_RETRY, EDIT_DELETE};
    make("new/A1");
    make("new/A2");
    int fd = open(tree_path("spool/new/A1"), O_RDONLY | O_CLOEXEC);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        expect(verbs[i], "A1", EX_TEMPFAIL, "");
    assert_true(mail_has("new/A1"));
    expect(EDIT_DELETE, "ALL", EX_TEMPFAIL, "A2: deleted\n");
    close(fd);
    expect(EDIT_DELETE, "ALL", 0, "A1: deleted\n");
}

// What could not be done, or not be synced, is never said to be done.
static void test_trouble(void **state)
{
    (void)state;
    make("new/A1");
    fault.unlink = EIO;
    expect(EDIT_DELETE, "A1", EX_TEMPFAIL, "");
    fault = (struct faults){.rename = EIO};
    expect(EDIT_HOLD, "A1", EX_TEMPFAIL, "");
    assert_true(mail_has("new/A1"));
    fault = (struct faults){.sync = EIO};
    expect(EDIT_HOLD, "A1", EX_TEMPFAIL, "");
    expect(EDIT_DELETE, "A1", EX_TEMPFAIL, "");
    make(".failed/new/A2");
    mark(MAILDIR_FAILED_NEW, "A2", 0, VERDICT_FAILED);
    expect(EDIT_RETRY, "A2", EX_TEMPFAIL, ""); // its marks are not durable: it stays there
    assert_true(mail_has(".failed/new/A2"));
    fault = (struct faults){0};
    expect(EDIT_RETRY, "A2", 0, "A2: back in the queue\n");
}

// One sync stands for many.
static void test_many(void **state)
{
    (void)state;
    char name[64], said[4096];
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "new/A%03d", i);
        make(name);
    }
    assert_int_equal(run(EDIT_DELETE, "ALL", said), 0);
    assert_int_equal(mail_count("new"), 0);
    assert_in_range(strlen(did), 1, 10);
    assert_non_null(strstr(said, "A000: deleted\n"));
    assert_non_null(strstr(said, "A099: deleted\n"));
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, mail_teardown)
    const struct CMUnitTest tests[] = {
        EACH(test_hold_and_release), EACH(test_retry), EACH(test_retry_in_place),
        EACH(test_delete),           EACH(test_names), EACH(test_busy),
        EACH(test_trouble),          EACH(test_many),
    };
    return cmocka_run_group_tests_name("edit", tests, NULL, NULL);
}
