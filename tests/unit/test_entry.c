// SPDX-License-Identifier: ISC
// links: spool
// wraps: io_open io_write io_pwrite io_sync io_unlink io_rename io_close_checked io_lock
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "base/io.h"
#include "spool/entry.h"
#include "unit/faults.h"
#include "unit/mail.h"

// What a mail reader does just before a name is used: `meanwhile` is called so many times.
static void (*meanwhile)(void);
static int times, syncs;

int __real_io_lock(int fd);
int __wrap_io_lock(int fd);

static void let_happen(void)
{
    if (meanwhile && times > 0) {
        times--;
        meanwhile();
    }
}

int __wrap_io_lock(int fd)
{
    let_happen();
    return __real_io_lock(fd);
}

static int judge(char call, int fd)
{
    (void)fd;
    syncs += call == 's';
    if (call == 'u' || call == 'r')
        let_happen();
    return fault_of(call);
}

static int setup(void **state)
{
    syncs = times = 0;
    meanwhile = NULL;
    faults_begin("", judge);
    return mail_setup(state);
}

static enum entry_answer open_as(struct entry *e, enum maildir_place place, const char *name)
{
    return entry_open(e, &mail, place, name, true);
}

static struct entry opened(enum maildir_place place, const char *name)
{
    struct entry e;
    assert_int_equal(open_as(&e, place, name), ENTRY_OPEN);
    return e;
}

static struct entry claimed(const char *name)
{
    struct entry e = opened(MAILDIR_NEW, name);
    assert_int_equal(entry_claim(&e, "work"), ENTRY_OPEN);
    return e;
}

static struct outcome outcome_of(enum verdict verdict, uint16_t code)
{
    return (struct outcome){.verdict = verdict, .code = code, .status = {5, 1, 1}};
}

// ---- Opening.

static void test_open(void **state)
{
    (void)state;
    assert_int_equal(mail_write("cur/A1:2,S", 2, "hello\n"), 0);
    for (int write = 0; write < 2; write++) {
        struct entry e;
        assert_int_equal(entry_open(&e, &mail, MAILDIR_CUR, "A1:2,S", write), ENTRY_OPEN);
        assert_true(span_equal(entry_id(&e), SPAN("A1")));
        assert_int_equal(e.block.octets, 6);
        assert_int_equal(envelope_count(&e.block.envelope), 2);
        assert_false(entry_is_held(&e) || entry_is_cancelled(&e));
        assert_false(e.dirty);
        entry_close(&e);
        entry_close(&e);
    }
}

static void test_a_block_larger_than_one_read(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 3000, "hello\n"), 0);
    struct entry e = opened(MAILDIR_NEW, "A1");
    assert_true(e.block.size > 100000);
    assert_int_equal(envelope_count(&e.block.envelope), 3000);
    assert_string_equal(envelope_address(&e.block.envelope, 2999), "r2999@example.org");
    entry_close(&e);
}

static void assert_answer(const char *name, bool write, enum entry_answer want)
{
    struct entry e;
    enum entry_answer answer = entry_open(&e, &mail, MAILDIR_NEW, name, write);
    entry_close(&e);
    if (answer != want)
        fail_msg("%s: %d, not %d", name, answer, want);
}

// Nothing that may bear a message's name is waited for or followed.
static void test_what_is_no_file(void **state)
{
    (void)state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    alarm(20);
    assert_int_equal(mail_write("cur/A1", 1, "hello\n"), 0);
    assert_int_equal(symlink("../cur/A1", tree_path("spool/new/link")), 0);
    assert_int_equal(symlink("/dev/zero", tree_path("spool/new/zero")), 0);
    assert_int_equal(mkfifo(tree_path("spool/new/fifo"), 0600), 0);
    assert_int_equal(mkdir(tree_path("spool/new/dir"), 0700), 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", tree_path("spool/new/socket"));
    int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(s, (struct sockaddr *)&address, sizeof address), 0);
    for (int write = 0; write < 2; write++) {
        assert_answer("link", write, ENTRY_BROKEN);
        assert_answer("zero", write, ENTRY_BROKEN);
        assert_answer("fifo", write, ENTRY_BROKEN);
        assert_answer("dir", write, ENTRY_BROKEN);
        assert_answer("socket", write, ENTRY_BROKEN);
        assert_answer("nothing", write, ENTRY_GONE);
    }
    close(s);
    alarm(0);
}

static void test_of_another_owner(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
    assert_int_equal(chown(tree_path("spool/new/A1"), TREE_UID, TREE_UID), 0);
    assert_answer("A1", true, ENTRY_BROKEN);
    assert_answer("A1", false, ENTRY_BROKEN);
}

static void append(const char *name, const char *text)
{
    int fd = open(tree_path(name), O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void test_of_another_size(void **state)
{
    (void)state;
    struct stat st;
    assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
    append("spool/new/A1", "x");
    assert_answer("A1", true, ENTRY_BROKEN);
    assert_int_equal(mail_write("new/A2", 1, "hello\n"), 0);
    assert_int_equal(stat(tree_path("spool/new/A2"), &st), 0);
    for (off_t size = st.st_size - 1; size >= 0; size -= size > 7 ? 7 : 1) {
        assert_int_equal(truncate(tree_path("spool/new/A2"), size), 0);
        assert_answer("A2", true, ENTRY_BROKEN);
    }
}

static void test_of_another_format(void **state)
{
    (void)state;
    assert_int_equal(tree_text("spool/new/A1", "Sendoff-Spool: 2 whatever\n\nhello\n"), 0);
    assert_answer("A1", true, ENTRY_FOREIGN);
    assert_int_equal(tree_text("spool/new/A2", "From: a@example.org\n\nhello\n"), 0);
    assert_answer("A2", true, ENTRY_BROKEN);
    assert_int_equal(tree_text("spool/new/A3", ""), 0);
    assert_answer("A3", true, ENTRY_BROKEN);
}

// ---- Claiming.

static void test_claim(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
    struct entry e = claimed("A1");
    assert_int_equal(e.block.attempts, 1);
    assert_true(e.dirty);
    assert_int_equal(syncs, 0);
    entry_close(&e);
    e = claimed("A1");
    assert_int_equal(e.block.attempts, 2);
    assert_string_equal(e.block.account, "work");
    entry_close(&e);
}

// With several recipients the count is on disk before anything is sent: what a crash may repeat
// is bounded.
static void test_claim_of_several_is_synced(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 2, "hello\n"), 0);
    struct entry e = claimed("A1");
    assert_int_equal(syncs, 1);
    assert_false(e.dirty);
    entry_close(&e);
    fault.sync = EIO;
    e = opened(MAILDIR_NEW, "A1");
    assert_int_equal(entry_claim(&e, "work"), ENTRY_TROUBLE);
    entry_close(&e);
}

// HAZARDS 24: a full disk stops the message before it is sent.
static void test_claim_that_can_not_be_written(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
    struct entry e = opened(MAILDIR_NEW, "A1");
    fault.pwrite = ENOSPC;
    assert_int_equal(entry_claim(&e, "work"), ENTRY_TROUBLE);
    assert_int_equal(errno, ENOSPC);
    entry_close(&e);
    assert_true(mail_has("new/A1"));
}

// Who is handed the message can read it and nothing else, and holds the claim with us.
static void test_the_reader(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
    struct entry e = claimed("A1"), other = opened(MAILDIR_NEW, "A1");
    assert_int_equal(fcntl(e.reader, F_GETFL) & O_ACCMODE, O_RDONLY);
    assert_int_equal(write(e.reader, "x", 1), -1);
    int handed = dup(e.reader);
    entry_close(&e);
    assert_int_equal(entry_claim(&other, "work"), ENTRY_BUSY);
    entry_close(&other);
    close(handed);
    e = claimed("A1");
    entry_close(&e);
}

static int claim_elsewhere(void)
{
    struct entry e;
    EXPECT(open_as(&e, MAILDIR_NEW, "A1") == ENTRY_OPEN);
    EXPECT(entry_claim(&e, "other") == ENTRY_BUSY);
    entry_close(&e);
    return 0;
}

static void test_two_processes(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
    struct entry e = claimed("A1");
    assert_int_equal(tree_as(geteuid(), geteuid(), claim_elsewhere), 0);
    entry_close(&e);
    e = claimed("A1");
    assert_int_equal(e.block.attempts, 2);
    entry_close(&e);
}

// Of all who run for one message at one time exactly one gets it, and it is sent once.
static void test_many_claim_at_once(void **state)
{
    (void)state;
    enum { RUNNERS = 8 };
    int line[2], status, winners = 0;
    pid_t pids[RUNNERS];
    assert_int_equal(pipe(line), 0);
    assert_int_equal(mail_write("new/A1", 2, "hello\n"), 0);
    for (int i = 0; i < RUNNERS; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            struct entry e;
            char c;
            close(line[1]);
            (void)!read(line[0], &c, 1); // until all are there
            bool won = open_as(&e, MAILDIR_NEW, "A1") == ENTRY_OPEN &&
                       entry_claim(&e, "work") == ENTRY_OPEN &&
                       envelope_waiting(&e.block.envelope) == 2;
            struct outcome o = outcome_of(VERDICT_DELIVERED, 250);
            won = won && entry_mark(&e, 0, &o) == 0 && entry_mark(&e, 1, &o) == 0;
            _exit(won);
        }
    }
    close(line[0]);
    close(line[1]);
    for (int i = 0; i < RUNNERS; i++) {
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_true(WIFEXITED(status));
        winners += WEXITSTATUS(status);
    }
    assert_int_equal(winners, 1);
}

// What another flush marked between our look and our lock is seen.
static void test_claim_reads_again(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 2, "hello\n"), 0);
    struct entry late = opened(MAILDIR_NEW, "A1"), e = claimed("A1");
    struct outcome o = outcome_of(VERDICT_DELIVERED, 250);
    assert_int_equal(entry_mark(&e, 0, &o), 0);
    entry_close(&e);
    assert_int_equal(entry_claim(&late, "work"), ENTRY_OPEN);
    assert_int_equal(envelope_waiting(&late.block.envelope), 1);
    assert_int_equal(late.block.attempts, 2);
    entry_close(&late);
}

static void test_claim_follows_a_mail_reader(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
    struct entry e = opened(MAILDIR_NEW, "A1");
    assert_int_equal(mail_rename("new/A1", "cur/A1:2,S"), 0);
    assert_int_equal(entry_claim(&e, "work"), ENTRY_OPEN);
    assert_int_equal(e.place, MAILDIR_CUR);
    assert_string_equal(e.name, "A1:2,S");
    entry_close(&e);
}

static void test_claim_of_what_is_gone(void **state)
{
    (void)state;
    static const char *const names[] = {"cur/A1:2,T", "cur/A1:2,H", "tmp/A1", ".failed/new/A1"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
        struct entry e = opened(MAILDIR_NEW, "A1");
        assert_int_equal(mail_rename("new/A1", names[i]), 0);
        assert_int_equal(entry_claim(&e, "work"), ENTRY_GONE);
        entry_close(&e);
    }
    assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
    struct entry e = opened(MAILDIR_NEW, "A1");
    assert_int_equal(unlink(tree_path("spool/new/A1")), 0);
    assert_int_equal(entry_claim(&e, "work"), ENTRY_GONE);
    entry_close(&e);
}

static void it_is_removed(void)
{
    assert_int_equal(unlink(tree_path("spool/new/A1")), 0);
}

static void it_is_held(void)
{
    assert_int_equal(mail_rename("new/A1", "cur/A1:2,H"), 0);
}

// Whoever had the lock until now may have settled it, just before we got it.
static void test_claim_just_too_late(void **state)
{
    (void)state;
    static void (*const happenings[])(void) = {it_is_removed, it_is_held};
    for (size_t i = 0; i < sizeof happenings / sizeof *happenings; i++) {
        assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
        struct entry e = opened(MAILDIR_NEW, "A1");
        meanwhile = happenings[i];
        times = 1;
        assert_int_equal(entry_claim(&e, "work"), ENTRY_GONE);
        assert_int_equal(times, 0);
        entry_close(&e);
    }
}

static void test_claim_of_what_was_replaced(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
    struct entry e = opened(MAILDIR_NEW, "A1");
    assert_int_equal(mail_write("tmp/A2", 1, "another\n"), 0);
    assert_int_equal(mail_rename("tmp/A2", "new/A1"), 0);
    assert_int_equal(entry_claim(&e, "work"), ENTRY_GONE);
    entry_close(&e);
    e = opened(MAILDIR_NEW, "A1");
    assert_int_equal(e.block.attempts, 0);
    entry_close(&e);
}

static void test_claim_of_what_grew(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
    struct entry e = opened(MAILDIR_NEW, "A1");
    append("spool/new/A1", "more\n");
    assert_int_equal(entry_claim(&e, "work"), ENTRY_BROKEN);
    entry_close(&e);
}

// ---- Marking.

static void test_marks(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 3, "hello\n"), 0);
    struct entry e = claimed("A1");
    struct outcome sent = outcome_of(VERDICT_DELIVERED, 250);
    struct outcome failed = outcome_of(VERDICT_FAILED, 550);
    struct outcome later = outcome_of(VERDICT_DEFERRED, 451);
    assert_int_equal(mail_rename("new/A1", "cur/A1:2,S"), 0); // no name is asked for
    assert_int_equal(entry_mark(&e, 0, &sent), 0);
    assert_int_equal(entry_mark(&e, 1, &failed), 0);
    assert_int_equal(entry_mark(&e, 2, &later), 0);
    strcpy(e.block.reply, "what was said");
    e.block.doubts = 2;
    assert_int_equal(entry_write_state(&e), 0);
    assert_true(e.dirty);
    assert_int_equal(entry_schedule(&e, 1763900000123456), 0);
    assert_int_equal(entry_sync(&e), 0);
    assert_false(e.dirty);
    syncs = 0;
    assert_int_equal(entry_sync(&e), 0);
    assert_int_equal(syncs, 0); // nothing was written since
    entry_close(&e);

    e = opened(MAILDIR_CUR, "A1:2,S");
    assert_int_equal(e.next, 1763900000123456);
    const struct envelope *v = &e.block.envelope;
    assert_int_equal(envelope_recipient(v, 0)->status, RECIPIENT_DELIVERED);
    assert_int_equal(envelope_recipient(v, 1)->status, RECIPIENT_FAILED);
    assert_int_equal(envelope_recipient(v, 1)->code, 550);
    assert_int_equal(envelope_recipient(v, 2)->status, RECIPIENT_WAITING);
    assert_int_equal(envelope_recipient(v, 2)->code, 451);
    assert_int_equal(e.block.doubts, 2);
    assert_string_equal(e.block.reply, "what was said");
    entry_close(&e);
}

static void test_reported(void **state)
{
    (void)state;
    struct outcome o = {.verdict = VERDICT_FAILED, .code = 550, .status = {5, 1, 1}};
    assert_int_equal(mail_write("new/A1", 2, "hello\n"), 0);
    struct entry e = claimed("A1");
    assert_int_equal(entry_mark(&e, 1, &o), 0);
    assert_int_equal(entry_sync(&e), 0);
    assert_int_equal(entry_mark_reported(&e, 1), 0);
    assert_true(e.dirty);
    assert_int_equal(envelope_recipient(&e.block.envelope, 1)->status, RECIPIENT_REPORTED);
    entry_close(&e);
    e = opened(MAILDIR_NEW, "A1");
    assert_int_equal(envelope_recipient(&e.block.envelope, 0)->status, RECIPIENT_WAITING);
    assert_int_equal(envelope_recipient(&e.block.envelope, 1)->status, RECIPIENT_REPORTED);
    assert_int_equal(envelope_recipient(&e.block.envelope, 1)->code, 550); // as it was
    assert_int_equal(envelope_recipient(&e.block.envelope, 1)->detail[1], 1);
    entry_close(&e);
}

// HAZARDS 25: between a mark and the schedule a message is due, never late.
static void test_a_mark_makes_it_due(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
    struct entry e = opened(MAILDIR_NEW, "A1");
    int64_t later = ((int64_t)time(NULL) + 100000) * 1000000;
    assert_int_equal(entry_schedule(&e, later), 0);
    assert_int_equal(entry_write_state(&e), 0);
    entry_close(&e);
    e = opened(MAILDIR_NEW, "A1");
    assert_true(e.next < later - 1000000);
    entry_close(&e);
}

static void test_sync_fails(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
    struct entry e = claimed("A1");
    fault.sync = EIO;
    assert_int_equal(entry_sync(&e), -1);
    entry_close(&e);
}

// HAZARDS 26: what was torn in the lines that change in place makes nothing unreadable.
static void test_torn_state(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 2, "hello\n"), 0);
    struct entry e = claimed("A1");
    struct block_patch patch;
    block_patch_state(&e.block, &patch);
    for (size_t n = 0; n <= patch.n; n += 11) {
        memset(patch.text, 0, n);
        assert_int_equal(io_pwrite(e.fd, patch.text, patch.n, (off_t)patch.at), 0);
        struct entry again = opened(MAILDIR_NEW, "A1");
        assert_int_equal(envelope_waiting(&again.block.envelope), 2);
        entry_close(&again);
    }
    entry_close(&e);
}

// ---- Leaving the queue.

static void test_remove(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
    struct entry e = claimed("A1");
    assert_int_equal(entry_remove(&e), 0);
    assert_int_equal(e.touched, 1U << MAILDIR_NEW);
    assert_false(mail_has("new/A1"));
    // What was written to it needs no sync any more.
    syncs = 0;
    assert_int_equal(entry_sync(&e), 0);
    assert_int_equal(syncs, 0);
    entry_close(&e);
}

// HAZARDS 23: mutt moves everything to cur/ and sets flags, at any time.
static void test_remove_follows_a_mail_reader(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
    assert_int_equal(mail_write("new/A1.copy", 1, "another of that id\n"), 0);
    struct entry e = claimed("A1");
    assert_int_equal(mail_rename("new/A1", "cur/A1:2,FS"), 0);
    assert_int_equal(entry_remove(&e), 0);
    assert_false(mail_has("cur/A1:2,FS"));
    assert_true(mail_has("new/A1.copy"));
    assert_true(e.touched & 1U << MAILDIR_CUR);
    entry_close(&e);
}

static void a_reader_sees_it(void)
{
    assert_int_equal(mail_rename("new/A1", "cur/A1:2,S"), 0);
}

static void a_reader_flags_it(void)
{
    static char from[32] = "cur/A1:2,", to[32];
    snprintf(to, sizeof to, "cur/A1:2,%c", 'a' + times);
    if (mail_has(from) && mail_rename(from, to) == 0)
        memcpy(from, to, sizeof from);
}

static void test_remove_in_a_race(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
    struct entry e = claimed("A1");
    meanwhile = a_reader_sees_it;
    times = 1;
    assert_int_equal(entry_remove(&e), 0);
    assert_int_equal(times, 0);
    assert_int_equal(mail_count("new") + mail_count("cur"), 0);
    entry_close(&e);
    assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
    e = claimed("A1");
    assert_int_equal(mail_rename("new/A1", "cur/A1:2,"), 0);
    meanwhile = a_reader_flags_it;
    times = 4;
    assert_int_equal(entry_remove(&e), 0);
    assert_int_equal(mail_count("cur"), 0);
    entry_close(&e);
}

static void test_remove_of_what_was_removed(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
    struct entry e = claimed("A1");
    assert_int_equal(unlink(tree_path("spool/new/A1")), 0);
    assert_int_equal(entry_remove(&e), 0);
    assert_int_equal(entry_sync(&e), 0);
    assert_int_equal(syncs, 0);
    entry_close(&e);
}

// Another message that took the name is not removed in its place.
static void test_remove_of_what_was_replaced(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
    struct entry e = claimed("A1");
    assert_int_equal(mail_write("tmp/A2", 1, "another\n"), 0);
    assert_int_equal(mail_rename("tmp/A2", "new/A1"), 0);
    assert_int_equal(entry_remove(&e), 0);
    assert_true(mail_has("new/A1"));
    entry_close(&e);
    // A backup holds a link of ours: the name is still another's.
    e = claimed("A1");
    assert_int_equal(link(tree_path("spool/new/A1"), tree_path("backup")), 0);
    assert_int_equal(mail_write("tmp/A2", 1, "another\n"), 0);
    assert_int_equal(mail_rename("tmp/A2", "new/A1"), 0);
    assert_int_equal(entry_remove(&e), -1);
    assert_int_equal(errno, ENOENT);
    assert_true(mail_has("new/A1"));
    entry_close(&e);
}

static void test_remove_fails(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
    struct entry e = claimed("A1");
    fault.unlink = EROFS;
    assert_int_equal(entry_remove(&e), -1);
    assert_int_equal(errno, EROFS);
    assert_true(e.dirty);
    entry_close(&e);
}

static void test_fail(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
    struct entry e = claimed("A1");
    assert_int_equal(mail_rename("new/A1", "cur/A1:2,S"), 0);
    assert_int_equal(entry_fail(&e), 0);
    assert_true(mail_has(".failed/new/A1"));
    assert_int_equal(mail_count("cur"), 0);
    assert_int_equal(e.touched, 1U << MAILDIR_CUR | 1U << MAILDIR_FAILED_NEW);
    assert_int_equal(e.place, MAILDIR_FAILED_NEW);
    entry_close(&e);
}

static void test_fail_never_replaces(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
    assert_int_equal(mail_write(".failed/new/A1", 1, "another\n"), 0);
    struct entry e = claimed("A1");
    assert_int_equal(entry_fail(&e), -1);
    assert_int_equal(errno, EEXIST);
    assert_true(mail_has("new/A1"));
    entry_close(&e);
}

// A crash between link and unlink left both names: what was begun is ended.
static void test_fail_that_was_begun(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
    assert_int_equal(link(tree_path("spool/new/A1"), tree_path("spool/.failed/new/A1")), 0);
    struct entry e = claimed("A1");
    assert_int_equal(entry_fail(&e), 0);
    assert_false(mail_has("new/A1"));
    assert_true(mail_has(".failed/new/A1"));
    entry_close(&e);
}

// What could not even be opened is moved by its name.
static void test_fail_of_what_is_no_file(void **state)
{
    (void)state;
    struct entry e;
    assert_int_equal(symlink("/etc/passwd", tree_path("spool/new/A1")), 0);
    assert_int_equal(open_as(&e, MAILDIR_NEW, "A1"), ENTRY_BROKEN);
    assert_int_equal(entry_fail(&e), 0);
    assert_true(mail_has(".failed/new/A1"));
    assert_int_equal(entry_fail(&e), 0);
    entry_close(&e);
    if (!PORT_LINUX) // a directory is moved by a rename that replaces nothing, or stays
        return;
    assert_int_equal(mkdir(tree_path("spool/new/A2"), 0700), 0);
    assert_int_equal(open_as(&e, MAILDIR_NEW, "A2"), ENTRY_BROKEN);
    assert_int_equal(entry_fail(&e), 0);
    assert_true(mail_has(".failed/new/A2"));
    entry_close(&e);
}

static void test_hold_and_release(void **state)
{
    (void)state;
    static const struct {
        const char *name, *held, *released;
    } table[] = {
        {"A1", "A1:2,H", "A1:2,"},          {"A1:2,", "A1:2,H", "A1:2,"},
        {"A1:2,S", "A1:2,HS", "A1:2,S"},    {"A1:2,FRS", "A1:2,FHRS", "A1:2,FRS"},
        {"A1:2,DF", "A1:2,DFH", "A1:2,DF"}, {"A1:2,H", "A1:2,H", "A1:2,"},
        {"A1:2,HT", "A1:2,HT", "A1:2,T"}, // cancelled is cancelled, released or not
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char path[64];
        snprintf(path, sizeof path, "cur/%s", table[i].name);
        assert_int_equal(mail_write(path, 1, "hello\n"), 0);
        struct entry e = opened(MAILDIR_CUR, table[i].name);
        assert_int_equal(entry_hold(&e), 0);
        assert_string_equal(e.name, table[i].held);
        assert_true(entry_is_held(&e));
        assert_int_equal(entry_release(&e), 0);
        assert_string_equal(e.name, table[i].released);
        assert_false(entry_is_held(&e));
        assert_int_equal(entry_is_cancelled(&e), i == 6);
        assert_int_equal(entry_remove(&e), 0);
        assert_int_equal(mail_count("cur"), 0);
        entry_close(&e);
    }
    assert_int_equal(mail_write("new/A2", 1, "hello\n"), 0);
    struct entry e = opened(MAILDIR_NEW, "A2");
    meanwhile = NULL;
    assert_int_equal(entry_hold(&e), 0);
    assert_true(mail_has("cur/A2:2,H"));
    entry_close(&e);
}

static void test_hold_in_a_race(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
    struct entry e = claimed("A1");
    meanwhile = a_reader_sees_it;
    times = 1;
    assert_int_equal(entry_hold(&e), 0);
    assert_true(mail_has("cur/A1:2,HS"));
    assert_int_equal(mail_count("new") + mail_count("cur"), 1);
    entry_close(&e);
}

static void test_hold_fails(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 1, "hello\n"), 0);
    struct entry e = claimed("A1");
    fault.rename = EROFS;
    assert_int_equal(entry_hold(&e), -1);
    assert_int_equal(errno, EROFS);
    fault.rename = 0;
    assert_int_equal(unlink(tree_path("spool/new/A1")), 0);
    assert_int_equal(entry_hold(&e), -1);
    assert_int_equal(errno, ENOENT);
    entry_close(&e);
}

// Whatever its state: what locks for a person counts no attempt.
static void test_lock(void **state)
{
    (void)state;
    struct entry a, b;
    assert_int_equal(mail_write("cur/A1:2,H", 2, "hello\n"), 0);
    assert_int_equal(entry_open(&a, &mail, MAILDIR_CUR, "A1:2,H", true), ENTRY_OPEN);
    assert_int_equal(entry_open(&b, &mail, MAILDIR_CUR, "A1:2,H", true), ENTRY_OPEN);
    assert_int_equal(mail_rename("cur/A1:2,H", "cur/A1:2,HS"), 0);
    assert_int_equal(entry_lock(&a), ENTRY_OPEN);
    assert_string_equal(a.name, "A1:2,HS");
    assert_int_equal(a.block.attempts, 0);
    assert_false(a.dirty);
    assert_int_equal(entry_lock(&b), ENTRY_BUSY);
    entry_close(&b);
    assert_int_equal(entry_remove(&a), 0);
    entry_close(&a);
    assert_int_equal(tree_text("spool/.failed/new/A2", "nothing of ours\n"), 0);
    assert_int_equal(entry_open(&a, &mail, MAILDIR_FAILED_NEW, "A2", true), ENTRY_BROKEN);
    assert_int_equal(entry_lock(&a), ENTRY_BROKEN);
    assert_int_equal(entry_remove(&a), 0);
    entry_close(&a);
}

static void test_requeue(void **state)
{
    (void)state;
    struct entry e;
    assert_int_equal(mail_write(".failed/cur/A1:2,HS", 1, "hello\n"), 0);
    assert_int_equal(entry_open(&e, &mail, MAILDIR_FAILED_CUR, "A1:2,HS", true), ENTRY_OPEN);
    assert_int_equal(mail_write("new/A1", 1, "other\n"), 0); // replaces nothing
    assert_int_equal(entry_requeue(&e), -1);
    assert_int_equal(errno, EEXIST);
    assert_int_equal(unlink(tree_path("spool/new/A1")), 0);
    assert_int_equal(entry_requeue(&e), 0);
    assert_true(mail_has("new/A1"));
    assert_int_equal(e.touched, 1U << MAILDIR_FAILED_CUR | 1U << MAILDIR_NEW);
    entry_close(&e);
}

int main(void)
{
#define IN_SPOOL(f) cmocka_unit_test_setup_teardown(f, setup, mail_teardown)
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_open),
        IN_SPOOL(test_a_block_larger_than_one_read),
        IN_SPOOL(test_what_is_no_file),
        IN_SPOOL(test_of_another_owner),
        IN_SPOOL(test_of_another_size),
        IN_SPOOL(test_of_another_format),
        IN_SPOOL(test_claim),
        IN_SPOOL(test_claim_of_several_is_synced),
        IN_SPOOL(test_claim_that_can_not_be_written),
        IN_SPOOL(test_the_reader),
        IN_SPOOL(test_two_processes),
        IN_SPOOL(test_many_claim_at_once),
        IN_SPOOL(test_claim_reads_again),
        IN_SPOOL(test_claim_follows_a_mail_reader),
        IN_SPOOL(test_claim_of_what_is_gone),
        IN_SPOOL(test_claim_just_too_late),
        IN_SPOOL(test_claim_of_what_was_replaced),
        IN_SPOOL(test_claim_of_what_grew),
        IN_SPOOL(test_marks),
        IN_SPOOL(test_reported),
        IN_SPOOL(test_a_mark_makes_it_due),
        IN_SPOOL(test_sync_fails),
        IN_SPOOL(test_torn_state),
        IN_SPOOL(test_remove),
        IN_SPOOL(test_remove_follows_a_mail_reader),
        IN_SPOOL(test_remove_in_a_race),
        IN_SPOOL(test_remove_of_what_was_removed),
        IN_SPOOL(test_remove_of_what_was_replaced),
        IN_SPOOL(test_remove_fails),
        IN_SPOOL(test_fail),
        IN_SPOOL(test_fail_never_replaces),
        IN_SPOOL(test_fail_that_was_begun),
        IN_SPOOL(test_fail_of_what_is_no_file),
        IN_SPOOL(test_hold_and_release),
        IN_SPOOL(test_hold_in_a_race),
        IN_SPOOL(test_hold_fails),
        IN_SPOOL(test_lock),
        IN_SPOOL(test_requeue),
    };
    return cmocka_run_group_tests_name("entry", tests, NULL, NULL);
}
