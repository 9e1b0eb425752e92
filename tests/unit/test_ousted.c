// SPDX-License-Identifier: ISC
// links: sendoff
// wraps: config_spool_root getpwuid
// The exchange of what was laid into the root of the spools, against somebody who never stops
// laying it; tests/e2e/system/test_squat.sh has what he may lay, and what a crash leaves. Where
// there is no root, or no other uid, it is skipped.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>

#include "base/port.h"
#include "sendoff/spools/identity.h"
#include "sendoff/spools/ousted.h"
#include "unit/tree.h"

enum { SQUATTER = 1000, OWNER = 1001, SQUATTED = 25 };

static const struct config config;

bool __wrap_config_spool_root(const struct config *c, struct buf *out);
struct passwd *__wrap_getpwuid(uid_t uid);

bool __wrap_config_spool_root(const struct config *c, struct buf *out)
{
    (void)c;
    buf_puts(out, tree_path("root"));
    return true;
}

struct passwd *__wrap_getpwuid(uid_t uid)
{
    static struct passwd user;
    user = (struct passwd){.pw_uid = uid, .pw_gid = uid};
    return &user;
}

static int setup(void **state)
{
    return tree_setup(state) || chmod(tree_root, 0755) || mkdir(tree_path("root"), 0755) ||
           chmod(tree_path("root"), 01733);
}

static bool is_right(const char *name, uid_t uid)
{
    struct stat st;
    return lstat(tree_path(name), &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == uid &&
           (st.st_mode & 07777) == 0700;
}

// Runs it as that user until it is killed.
static pid_t start(uid_t uid, void (*scene)(int told), int *told)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (chdir(tree_path("root")) || setgroups(0, NULL) || setresgid(uid, uid, uid) ||
            setresuid(uid, uid, uid))
            _exit(1);
        scene(ends[1]);
        _exit(0);
    }
    close(ends[1]);
    *told = ends[0];
    return pid;
}

static void squat(int told)
{
    (void)told;
    for (unsigned turn = 0;; turn++) {
        int bad = unlink("1001") && rmdir("1001");
        bad |= turn % 2 ? mkdir("1001", 0777) : symlink("/tmp", "1001");
        if (bad)
            continue;
    }
}

// As sendmail does: only what is his own, and right, is used; what he tells was done.
static void write_mail(int told)
{
    struct stat st;
    char name[32];
    for (unsigned n = 0;; n++) {
        (void)!mkdir("1001", 0700);
        int dir = open("1001", O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
        if (dir >= 0 && fstat(dir, &st) == 0 && st.st_uid == OWNER &&
            (st.st_mode & 07777) == 0700) {
            snprintf(name, sizeof name, "m%u", n);
            int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
            if (fd >= 0 && write(told, "x", 1) != 1)
                _exit(1);
            close(fd);
        }
        close(dir);
        usleep(50);
    }
}

static unsigned sum;

static int count_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)path;
    if (type == FTW_F && st->st_uid == OWNER && at->level > 1)
        sum++;
    return 0;
}

static unsigned count(const char *name)
{
    sum = 0;
    assert_int_equal(nftw(tree_path(name), count_one, 16, FTW_PHYS), 0);
    return sum;
}

static unsigned end(pid_t pid, int told)
{
    char piece[4096];
    unsigned n = 0;
    ssize_t got;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    while ((got = read(told, piece, sizeof piece)) > 0)
        n += (unsigned)got;
    close(told);
    return n;
}

// Whatever is laid there at whatever moment: when root has been there the name is the owner's,
// and nothing that the owner wrote meanwhile is lost or put aside.
static void test_race(void **state)
{
    (void)state;
    int told[2];
    if (!PORT_LINUX || !identity_may_change())
        skip();
    pid_t squatter = start(SQUATTER, squat, &told[0]);
    pid_t owner = start(OWNER, write_mail, &told[1]);
    int flags = fcntl(told[1], F_SETPIPE_SZ, 1 << 20);
    assert_true(flags > 0);
    for (unsigned turn = 0, squatted = 0; squatted < SQUATTED; turn++) {
        // Another chance for the squatter.
        char done[32];
        snprintf(done, sizeof done, "root/done.%u", turn);
        if (is_right("root/1001", OWNER))
            assert_int_equal(rename(tree_path("root/1001"), tree_path(done)), 0);
        while (access(tree_path("root/1001"), F_OK) && errno == ENOENT)
            sched_yield();
        squatted += !is_right("root/1001", OWNER);
        ousted_mend(&config);
    }
    end(squatter, told[0]);
    ousted_mend(&config);
    unsigned written = end(owner, told[1]);
    ousted_mend(&config);
    assert_true(is_right("root/1001", OWNER) || access(tree_path("root/1001"), F_OK));
    assert_true(is_right("root/.ousted", 0));
    assert_int_equal(count("root/.ousted"), 0);
    unsigned found = count("root"); // he may have been ended before he told of the last
    assert_true(found == written || found == written + 1);
    assert_true(written > 0);
}

// An open directory that is not sticky is nothing that root could mend.
static void test_not_sticky(void **state)
{
    (void)state;
    if (!PORT_LINUX || !identity_may_change())
        skip();
    assert_int_equal(symlink("/tmp", tree_path("root/1001")), 0);
    assert_int_equal(chmod(tree_path("root"), 0777), 0);
    ousted_mend(&config);
    assert_false(is_right("root/1001", OWNER));
    assert_int_equal(chmod(tree_path("root"), 01777), 0);
    ousted_mend(&config);
    assert_true(is_right("root/1001", OWNER));
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, tree_teardown)
    const struct CMUnitTest tests[] = {EACH(test_race), EACH(test_not_sticky)};
    return cmocka_run_group_tests_name("ousted", tests, NULL, NULL);
}
