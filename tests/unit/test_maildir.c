// SPDX-License-Identifier: ISC
// links: spool
// wraps: io_sync io_syncfs io_rename
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <time.h>

#include "base/io.h"
#include "spool/lock.h"
#include "unit/mail.h"

// What fails, and what a flush or a mail reader does at that very moment.
static int sync_error, syncfs_error, rename_error;
static void (*meanwhile)(void);

int __real_io_sync(int fd);
int __wrap_io_sync(int fd);
int __real_io_syncfs(int fd);
int __wrap_io_syncfs(int fd);
int __real_io_rename(int from_dir, const char *from, int to_dir, const char *to);
int __wrap_io_rename(int from_dir, const char *from, int to_dir, const char *to);

static int fail_with(int error)
{
    if (meanwhile)
        meanwhile();
    errno = error;
    return -1;
}

int __wrap_io_sync(int fd)
{
    return sync_error ? fail_with(sync_error) : __real_io_sync(fd);
}

int __wrap_io_syncfs(int fd)
{
    return syncfs_error ? fail_with(syncfs_error) : __real_io_syncfs(fd);
}

int __wrap_io_rename(int from_dir, const char *from, int to_dir, const char *to)
{
    return rename_error ? fail_with(rename_error)
                        : __real_io_rename(from_dir, from, to_dir, to);
}

static int setup(void **state)
{
    sync_error = syncfs_error = rename_error = 0;
    meanwhile = NULL;
    return mail_setup(state);
}

static void assert_directory(const char *name)
{
    char path[64];
    struct stat st;
    snprintf(path, sizeof path, "spool/%s", name);
    assert_int_equal(lstat(tree_path(path), &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_int_equal(st.st_uid, geteuid());
}

static void test_what_is_made(void **state)
{
    (void)state;
    static const char *const names[] = {"",        "tmp",         "new",         "cur",
                                        ".failed", ".failed/tmp", ".failed/new", ".failed/cur"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_directory(names[i]);
    assert_true(mail_has(LOCK_NAME));
    for (int i = 0; i < MAILDIR_PLACES; i++)
        assert_true(mail.place[i] >= 0);
}

static void assert_answer(const char *name, bool make, enum maildir_answer want, int error)
{
    struct maildir m;
    errno = 0;
    enum maildir_answer answer = maildir_open(&m, tree_path(name), make);
    int found = errno;
    maildir_close(&m);
    if (answer != want || (error && found != error))
        fail_msg("%s: %d, %s", name, answer, strerror(found));
    assert_int_equal(m.root, -1);
}

static void test_open_again(void **state)
{
    (void)state;
    assert_answer("spool", false, MAILDIR_OPEN, 0);
    assert_answer("spool", true, MAILDIR_OPEN, 0);
    assert_answer("none", false, MAILDIR_TROUBLE, ENOENT);
    assert_answer("deep/er/and/spool", false, MAILDIR_TROUBLE, ENOENT);
    assert_answer("deep/er/and/spool", true, MAILDIR_OPEN, 0);
    assert_answer("deep/er/and/spool", false, MAILDIR_OPEN, 0);
}

// A spool that is not the user's own, real and 0700 is never used.
static void test_foreign_spools(void **state)
{
    (void)state;
    static const mode_t modes[] = {0777, 0755, 0701, 0710, 01700, 02700, 0600, 0500};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        assert_int_equal(chmod(tree_path("spool"), modes[i]), 0);
        if (geteuid() == 0 || (modes[i] & 0400))
            assert_answer("spool", true, MAILDIR_FOREIGN, 0);
    }
    assert_int_equal(chmod(tree_path("spool"), 0700), 0);
    assert_answer("spool", true, MAILDIR_OPEN, 0);
    assert_int_equal(symlink("spool", tree_path("link")), 0);
    assert_answer("link", true, MAILDIR_FOREIGN, 0);
    assert_int_equal(symlink("nowhere", tree_path("dead")), 0);
    assert_answer("dead", true, MAILDIR_FOREIGN, 0);
    assert_int_equal(tree_text("file", "x"), 0);
    assert_answer("file", true, MAILDIR_FOREIGN, 0);
    assert_int_equal(mkfifo(tree_path("fifo"), 0700), 0);
    assert_answer("fifo", true, MAILDIR_FOREIGN, 0);
    if (geteuid() == 0) {
        assert_int_equal(chown(tree_path("spool"), TREE_UID, TREE_UID), 0);
        assert_answer("spool", true, MAILDIR_FOREIGN, 0);
    }
}

static void assert_added(const char *name, enum maildir_answer want, bool whole)
{
    struct maildir m;
    assert_int_equal(maildir_open_to_add(&m, tree_path(name)), want);
    if (want == MAILDIR_OPEN) {
        assert_true(m.tmp >= 0 && m.place[MAILDIR_NEW] >= 0);
        for (int i = MAILDIR_CUR; i < MAILDIR_PLACES; i++)
            assert_int_equal(m.place[i] >= 0, whole);
    }
    maildir_close(&m);
}

// To add a message, only what it takes is opened; but what is missing is made.
static void test_open_to_add(void **state)
{
    (void)state;
    assert_added("spool", MAILDIR_OPEN, false);
    assert_added("other/spool", MAILDIR_OPEN, true);
    assert_added("other/spool", MAILDIR_OPEN, false);
    static const char *const names[] = {"cur", "lock", ".failed"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(mail_rename(names[i], "away"), 0);
        assert_added("spool", MAILDIR_OPEN, true);
        assert_true(mail_has(names[i]));
        assert_added("spool", MAILDIR_OPEN, false);

        char away[32];
        snprintf(away, sizeof away, "gone.%zu", i);
        assert_int_equal(mail_rename("away", away), 0);
    }
    static const char *const needed[] = {"tmp", "new"};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(mail_rename(needed[i], needed[i][0] == 't' ? "t" : "n"), 0);
        assert_added("spool", MAILDIR_OPEN, false);
        assert_directory(needed[i]);
        char path[32];
        snprintf(path, sizeof path, "spool/%s", needed[i]);
        assert_int_equal(chmod(tree_path(path), 0755), 0);
        assert_added("spool", MAILDIR_FOREIGN, false);
        assert_int_equal(chmod(tree_path(path), 0700), 0);
    }
    assert_int_equal(chmod(tree_path("spool"), 0755), 0);
    assert_added("spool", MAILDIR_FOREIGN, false);
}

// What stands in the way above the spool is trouble with the path, which errno names.
static void test_paths_that_can_not_be(void **state)
{
    (void)state;
    assert_int_equal(tree_text("file", "x"), 0);
    assert_answer("file/spool", true, MAILDIR_TROUBLE, ENOTDIR);
    assert_int_equal(symlink("loop", tree_path("loop")), 0);
    assert_answer("loop/spool", true, MAILDIR_TROUBLE, ELOOP);
}

static int closed_to_us(void)
{
    struct maildir m;
    EXPECT(maildir_open(&m, tree_path("closed/spool"), true) == MAILDIR_TROUBLE);
    EXPECT(errno == EACCES);
    maildir_close(&m);
    return 0;
}

static void test_no_permission(void **state)
{
    (void)state;
    assert_int_equal(mkdir(tree_path("closed"), 0), 0);
    if (geteuid() == 0)
        assert_int_equal(chown(tree_path("closed"), TREE_UID, TREE_UID), 0);
    assert_int_equal(tree_as_user(closed_to_us), 0);
    assert_int_equal(chmod(tree_path("closed"), 0700), 0);
}

// Without tmp and new nothing can be queued; without the others it can.
static void test_foreign_places(void **state)
{
    (void)state;
    assert_int_equal(mail_rename("tmp", "tmp.away"), 0);
    assert_int_equal(symlink("tmp.away", tree_path("spool/tmp")), 0);
    assert_answer("spool", true, MAILDIR_FOREIGN, 0);
    assert_int_equal(unlink(tree_path("spool/tmp")), 0);
    assert_answer("spool", false, MAILDIR_TROUBLE, ENOENT);
    assert_answer("spool", true, MAILDIR_OPEN, 0);
    assert_int_equal(chmod(tree_path("spool/new"), 0755), 0);
    assert_answer("spool", true, MAILDIR_FOREIGN, 0);
    assert_int_equal(chmod(tree_path("spool/new"), 0700), 0);

    struct maildir m;
    struct buf names = BUF_INIT(0);
    assert_int_equal(chmod(tree_path("spool/cur"), 0755), 0);
    assert_int_equal(chmod(tree_path("spool/.failed"), 0755), 0);
    assert_int_equal(maildir_open(&m, tree_path("spool"), true), MAILDIR_OPEN);
    assert_int_equal(m.place[MAILDIR_CUR], -1);
    assert_int_equal(m.place[MAILDIR_FAILED_NEW], -1);
    assert_int_equal(maildir_list(&m, MAILDIR_CUR, SIZE_MAX, &names), 0);
    assert_int_equal(maildir_list(&m, MAILDIR_FAILED_NEW, SIZE_MAX, &names), 0);
    buf_free(&names);
    maildir_close(&m);
}

// What was made counts only when it is durable: until then everybody who comes syncs it.
static void test_new_directories_are_synced(void **state)
{
    (void)state;
    struct stat st;
    syncfs_error = EIO;
    assert_answer("other", true, MAILDIR_TROUBLE, EIO);
    assert_answer("other", true, MAILDIR_TROUBLE, EIO);
    assert_int_equal(stat(tree_path("other/" LOCK_NAME), &st), -1);
    syncfs_error = 0;
    assert_answer("other", true, MAILDIR_OPEN, 0);
    assert_int_equal(stat(tree_path("other/" LOCK_NAME), &st), 0);
    syncfs_error = EIO;
    assert_answer("other", true, MAILDIR_OPEN, 0);
}

static void test_ids(void **state)
{
    (void)state;
    char id[MAILDIR_ID + 1], last[MAILDIR_ID + 1] = "";
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(maildir_make_id(id), 0);
        assert_int_equal(strlen(id), MAILDIR_ID);
        assert_int_equal(strspn(id, "0123456789ABCDEF"), MAILDIR_ID);
        assert_true(maildir_is_message(span_of(id)));
        assert_true(memcmp(last, id, 13) <= 0);
        assert_string_not_equal(last, id);
        memcpy(last, id, sizeof last);
    }
}

static void put_message(const char *id, const char *text)
{
    int fd = maildir_create(&mail, id);
    assert_true(fd >= 0);
    assert_int_equal(io_write(fd, text, strlen(text)), 0);
    assert_int_equal(io_sync(fd), 0);
    io_close(fd);
}

static void assert_text(const char *name, const char *want)
{
    char path[64], text[64];
    snprintf(path, sizeof path, "spool/%s", name);
    int fd = open(tree_path(path), O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    assert_string_equal(text, want);
}

static void test_create_and_publish(void **state)
{
    (void)state;
    struct stat st;
    put_message("A1", "one");
    assert_true(mail_has("tmp/A1"));
    assert_int_equal(stat(tree_path("spool/tmp/A1"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(maildir_publish(&mail, "A1"), 0);
    assert_false(mail_has("tmp/A1"));
    assert_text("new/A1", "one");
    put_message("A2", "two");
    errno = EDOM;
    maildir_discard(&mail, "A2");
    maildir_discard(&mail, "A2");
    assert_int_equal(errno, EDOM);
    assert_int_equal(mail_count("tmp"), 0);
}

static void test_nothing_is_written_over(void **state)
{
    (void)state;
    put_message("A1", "one");
    assert_int_equal(maildir_create(&mail, "A1"), -1);
    assert_int_equal(errno, EEXIST);
    assert_int_equal(symlink("/etc/passwd", tree_path("spool/tmp/A2")), 0);
    assert_int_equal(maildir_create(&mail, "A2"), -1);
    assert_int_equal(maildir_publish(&mail, "A1"), 0);
    put_message("A1", "another");
    assert_int_equal(maildir_publish(&mail, "A1"), -1);
    assert_int_equal(errno, EEXIST);
    assert_text("new/A1", "one");
    assert_false(mail_has("tmp/A1")); // it is in neither place
    assert_int_equal(maildir_publish(&mail, "A3"), -1);
    assert_int_equal(errno, ENOENT);
}

static void test_rename_fails(void **state)
{
    (void)state;
    put_message("A1", "one");
    rename_error = ENOSPC;
    assert_int_equal(maildir_publish(&mail, "A1"), -1);
    assert_int_equal(errno, ENOSPC);
    assert_int_equal(mail_count("tmp"), 0);
    assert_int_equal(mail_count("new"), 0);
}

// HAZARDS 19: where the directory can not be synced the message is taken back.
static void test_sync_of_the_directory_fails(void **state)
{
    (void)state;
    put_message("A1", "one");
    sync_error = EIO;
    assert_int_equal(maildir_publish(&mail, "A1"), -1);
    assert_int_equal(errno, EIO);
    assert_int_equal(mail_count("tmp"), 0);
    assert_int_equal(mail_count("new"), 0);
}

static void a_flush_removes_it(void)
{
    assert_int_equal(unlink(tree_path("spool/new/A1")), 0);
}

static void test_sync_fails_when_a_flush_has_it(void **state)
{
    (void)state;
    put_message("A1", "one");
    sync_error = EIO;
    meanwhile = a_flush_removes_it;
    assert_int_equal(maildir_publish(&mail, "A1"), 0);
}

static void test_the_writer_holds_a_lock(void **state)
{
    (void)state;
    int fd = maildir_create(&mail, "A1");
    int other = open(tree_path("spool/tmp/A1"), O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0 && other >= 0);
    assert_int_equal(flock(other, LOCK_EX | LOCK_NB), -1);
    assert_int_equal(errno, EWOULDBLOCK);
    io_close(fd);
    assert_int_equal(flock(other, LOCK_EX | LOCK_NB), 0);
    close(other);
}

static void test_move(void **state)
{
    (void)state;
    assert_int_equal(mail_write("new/A1", 1, "x\n"), 0);
    assert_int_equal(mail_write("cur/A1:2,", 1, "y\n"), 0);
    assert_int_equal(maildir_move(&mail, MAILDIR_NEW, "A1", MAILDIR_CUR, "A1:2,"), -1);
    assert_int_equal(errno, EEXIST);
    assert_int_equal(maildir_move(&mail, MAILDIR_NEW, "A1", MAILDIR_FAILED_NEW, "A1"), 0);
    assert_true(mail_has(".failed/new/A1"));
    assert_int_equal(mail_count("new"), 0);
}

#define TEN     "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

// HAZARDS 8.
static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool good;
        const char *id, *flags;
    } table[] = {
        {"0123456789ABCDEF01", true, "0123456789ABCDEF01", ""},
        {"1763818650.M123P45.host:2,S", true, "1763818650", "S"},
        {"a", true, "a", ""},
        {"a_=+-.Z9:2,", true, "a_=+-", ""},
        {"A1:2,FRSTDPabc", true, "A1", "FRSTDPabc"},
        {"-rf", true, "-rf", ""},
        {HUNDRED TEN TEN "12345678", true, NULL, ""},
        {HUNDRED TEN TEN "123456789", false, NULL, NULL},
        {HUNDRED TEN TEN "12345678:2,S", true, NULL, "S"},
        {"a:2,SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS"
         "SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS"
         "SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS",
         false, NULL, NULL},
        {"", false, NULL, NULL},
        {".", false, NULL, NULL},
        {"..", false, NULL, NULL},
        {".hidden", false, NULL, NULL},
        {":2,S", false, NULL, NULL},
        {"a:", false, NULL, NULL},
        {"a:2", false, NULL, NULL},
        {"a:1,S", false, NULL, NULL},
        {"a:2;S", false, NULL, NULL},
        {"a:2,S1", false, NULL, NULL},
        {"a:2,S:2,T", false, NULL, NULL},
        {"a:2,S ", false, NULL, NULL},
        {"a b", false, NULL, NULL},
        {"a/b", false, NULL, NULL},
        {"a\nb", false, NULL, NULL},
        {"a\x1b[31m", false, NULL, NULL},
        {"a\x7f", false, NULL, NULL},
        {"gr\xc3\xbc", false, NULL, NULL},
        {"a!", false, NULL, NULL},
        {"a%20b", false, NULL, NULL},
        {"a~", false, NULL, NULL},
        {"a,b", false, NULL, NULL},
        {"a@b", false, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct span name = span_of(table[i].name);
        if (maildir_is_message(name) != table[i].good)
            fail_msg("row %zu: %s", i, table[i].name);
        if (table[i].good) {
            assert_true(!table[i].id || span_equal(maildir_id(name), span_of(table[i].id)));
            assert_true(span_equal(maildir_flags(name), span_of(table[i].flags)));
        }
    }
    assert_false(maildir_is_message((struct span){"a\0b", 3}));
}

static void test_list(void **state)
{
    (void)state;
    static const char *const odd[] = {".hidden", "a b", "a:1,S", "gr\xc3\xbc"};
    struct buf names = BUF_INIT(0);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        char path[64];
        snprintf(path, sizeof path, "spool/new/%s", odd[i]);
        assert_int_equal(tree_text(path, "x"), 0);
    }
    assert_int_equal(maildir_list(&mail, MAILDIR_NEW, SIZE_MAX, &names), 0);
    assert_int_equal(mail_write("new/A1", 1, "x\n"), 0);
    assert_int_equal(mail_write("new/A2:2,S", 1, "x\n"), 0);
    assert_int_equal(mail_write("cur/A3:2,", 1, "x\n"), 0);
    for (int again = 0; again < 2; again++) { // the position of the descriptor is not ours
        buf_clear(&names);
        assert_int_equal(maildir_list(&mail, MAILDIR_NEW, SIZE_MAX, &names), 2);
        assert_int_equal(names.n, sizeof "A1" + sizeof "A2:2,S");
        bool first = strcmp(names.p, "A1") == 0;
        assert_string_equal(names.p, first ? "A1" : "A2:2,S");
    }
    assert_int_equal(maildir_list(&mail, MAILDIR_CUR, SIZE_MAX, &names), 1);
    assert_int_equal(names.n, sizeof "A1" + sizeof "A2:2,S" + sizeof "A3:2,");
    assert_int_equal(maildir_list(&mail, MAILDIR_NEW, 1, &names), 1);
    buf_free(&names);
}

static void test_find(void **state)
{
    (void)state;
    struct stat one, two;
    enum maildir_place place;
    char name[MAILDIR_NAME_MAX + 1];
    assert_int_equal(mail_write("new/A1.copy", 1, "x\n"), 0); // has the same id
    assert_int_equal(mail_write("new/A1", 1, "x\n"), 0);
    assert_int_equal(stat(tree_path("spool/new/A1"), &one), 0);
    assert_int_equal(stat(tree_path("spool/new/A1.copy"), &two), 0);
    assert_true(maildir_find(&mail, SPAN("A1"), &one, &place, name));
    assert_int_equal(place, MAILDIR_NEW);
    assert_string_equal(name, "A1");
    assert_int_equal(mail_rename("new/A1", "cur/A1:2,FS"), 0);
    assert_true(maildir_find(&mail, SPAN("A1"), &one, &place, name));
    assert_int_equal(place, MAILDIR_CUR);
    assert_string_equal(name, "A1:2,FS");
    assert_true(maildir_find(&mail, SPAN("A1"), &two, &place, name));
    assert_string_equal(name, "A1.copy");
    assert_false(maildir_find(&mail, SPAN("A2"), &one, &place, name));
    assert_int_equal(unlink(tree_path("spool/cur/A1:2,FS")), 0);
    assert_false(maildir_find(&mail, SPAN("A1"), &one, &place, name));
}

static void litter(const char *name, int64_t mtime)
{
    char path[64];
    snprintf(path, sizeof path, "spool/tmp/%s", name);
    assert_int_equal(tree_text(path, "half a mess"), 0);
    int fd = open(tree_path(path), O_RDWR | O_CLOEXEC);
    assert_int_equal(io_touch(fd, mtime * 1000000), 0);
    close(fd);
}

// HAZARDS 26.
static void test_sweep(void **state)
{
    (void)state;
    static const int64_t now = 1763818650, edge = now - MAILDIR_LITTER_AGE;
    litter("old", edge - 1);
    litter("other.M1P2.host", edge - 100000);
    litter("young", edge + 1);
    litter("held", edge - 1);
    litter("fromthefuture", now + 100000);
    litter(".nomessage", edge - 1);
    assert_int_equal(mkdir(tree_path("spool/tmp/dir"), 0700), 0);
    assert_int_equal(symlink("old", tree_path("spool/tmp/link")), 0);
    int fd = open(tree_path("spool/tmp/held"), O_RDWR | O_CLOEXEC);
    assert_int_equal(io_lock(fd), 0);
    maildir_sweep(&mail, now);
    assert_false(mail_has("tmp/old"));
    assert_false(mail_has("tmp/other.M1P2.host"));
    assert_true(mail_has("tmp/young"));
    assert_true(mail_has("tmp/held"));
    assert_true(mail_has("tmp/fromthefuture"));
    assert_true(mail_has("tmp/.nomessage"));
    assert_true(mail_has("tmp/dir"));
    assert_true(mail_has("tmp/link"));
    close(fd);
    maildir_sweep(&mail, now);
    assert_false(mail_has("tmp/held"));
}

static void link_names(const char *from, const char *to)
{
    char a[64], b[64];
    snprintf(a, sizeof a, "spool/%s", from);
    snprintf(b, sizeof b, "spool/%s", to);
    assert_int_equal(link(tree_path(a), tree_path(b)), 0);
}

// HAZARDS 7: what a crash between link and unlink left goes at once, and the message stays.
static void test_sweep_of_second_names(void **state)
{
    (void)state;
    int64_t now = time(NULL);
    assert_int_equal(mail_write("new/A1", 1, "x\n"), 0);
    assert_int_equal(mail_write("cur/A2:2,S", 1, "x\n"), 0);
    assert_int_equal(mail_write("new/A3", 1, "x\n"), 0);
    link_names("new/A1", "tmp/A1");
    link_names("cur/A2:2,S", "tmp/A2");
    assert_int_equal(tree_text("spool/tmp/A3", "of the same name, another file"), 0);
    assert_int_equal(tree_text("spool/tmp/A4", "linked from elsewhere"), 0);
    assert_int_equal(link(tree_path("spool/tmp/A4"), tree_path("backup")), 0);
    maildir_sweep(&mail, now);
    assert_false(mail_has("tmp/A1"));
    assert_false(mail_has("tmp/A2"));
    assert_true(mail_has("tmp/A3"));
    assert_true(mail_has("tmp/A4"));
    assert_true(mail_has("new/A1"));
    assert_true(mail_has("cur/A2:2,S"));
    assert_true(mail_has("new/A3"));
}

// HAZARDS 5: whatever its owner keeps there, a pass is not held up by it.
static void test_sweep_is_bounded(void **state)
{
    (void)state;
    static const int64_t now = 1763818650, edge = now - MAILDIR_LITTER_AGE;
    char name[32];
    for (unsigned i = 0; i < MAILDIR_SWEEP_MOST + 500; i++) {
        snprintf(name, sizeof name, "L%u", i);
        litter(name, edge - 1);
    }
    assert_int_equal(mail_count("tmp"), MAILDIR_SWEEP_MOST + 500);
    maildir_sweep(&mail, now);
    int left = mail_count("tmp");
    assert_true(left >= 500 && left < 1000);
    maildir_sweep(&mail, now);
    assert_int_equal(mail_count("tmp"), 0);
}

static void test_searches_of_a_sweep_are_bounded(void **state)
{
    (void)state;
    char from[32], to[32];
    for (unsigned i = 0; i < MAILDIR_SEARCH_MOST + 3; i++) {
        snprintf(from, sizeof from, "new/A%u", i);
        snprintf(to, sizeof to, "tmp/A%u", i);
        assert_int_equal(mail_write(from, 1, "x\n"), 0);
        link_names(from, to);
    }
    maildir_sweep(&mail, time(NULL));
    assert_int_equal(mail_count("tmp"), 3);
    maildir_sweep(&mail, time(NULL));
    assert_int_equal(mail_count("tmp"), 0);
    assert_int_equal(mail_count("new"), MAILDIR_SEARCH_MOST + 3);
}

// Their names lie before and after too many others: some are not found, whether the directory
// gives its names in the order of their making, the other way round, or by luck.
static void test_list_is_bounded(void **state)
{
    (void)state;
    enum { STRAYS = MAILDIR_STRAY_MOST + 1000 };
    struct buf names = BUF_INIT(0);
    char name[64];
    int made = 0;
    for (unsigned i = 0; i < STRAYS + 1000U && made == 0; i++) {
        bool stray = i >= 500 && i < STRAYS + 500U;
        snprintf(name, sizeof name, "%s%u", stray ? "." : "M", i);
        made = symlinkat("x", mail.place[MAILDIR_CUR], name);
    }
    assert_int_equal(made, 0);
    ssize_t n = maildir_list(&mail, MAILDIR_CUR, SIZE_MAX, &names);
    assert_true(n >= 0 && n < 1000);
    buf_free(&names);
}

int main(void)
{
#define IN_SPOOL(f) cmocka_unit_test_setup_teardown(f, setup, mail_teardown)
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_what_is_made),
        IN_SPOOL(test_open_again),
        IN_SPOOL(test_open_to_add),
        IN_SPOOL(test_foreign_spools),
        IN_SPOOL(test_paths_that_can_not_be),
        IN_SPOOL(test_no_permission),
        IN_SPOOL(test_foreign_places),
        IN_SPOOL(test_new_directories_are_synced),
        IN_SPOOL(test_ids),
        IN_SPOOL(test_create_and_publish),
        IN_SPOOL(test_nothing_is_written_over),
        IN_SPOOL(test_rename_fails),
        IN_SPOOL(test_sync_of_the_directory_fails),
        IN_SPOOL(test_sync_fails_when_a_flush_has_it),
        IN_SPOOL(test_the_writer_holds_a_lock),
        IN_SPOOL(test_move),
        IN_SPOOL(test_sweep_is_bounded),
        IN_SPOOL(test_searches_of_a_sweep_are_bounded),
        IN_SPOOL(test_list_is_bounded),
        cmocka_unit_test(test_names),
        IN_SPOOL(test_list),
        IN_SPOOL(test_find),
        IN_SPOOL(test_sweep),
        IN_SPOOL(test_sweep_of_second_names),
    };
    return cmocka_run_group_tests_name("maildir", tests, NULL, NULL);
}
