// SPDX-License-Identifier: ISC
// links: spool
// wraps: io_lock
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>

#include "base/io.h"
#include "spool/lock.h"
#include "unit/tree.h"

static int root;
static void (*before_lock)(void);

int __real_io_lock(int fd);
int __wrap_io_lock(int fd);

int __wrap_io_lock(int fd)
{
    if (before_lock)
        before_lock();
    return __real_io_lock(fd);
}

static int setup(void **state)
{
    before_lock = NULL;
    if (tree_setup(state))
        return -1;
    root = open(tree_path(""), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return root < 0 ? -1 : 0;
}

static int teardown(void **state)
{
    close(root);
    return tree_teardown(state);
}

static void test_one_holder(void **state)
{
    (void)state;
    struct buf who = BUF_INIT(128), want = BUF_INIT(128);
    int fd = lock_take(root, "lock");
    assert_true(fd >= 0);
    assert_int_equal(lock_take(root, "lock"), -1);
    assert_int_equal(errno, EWOULDBLOCK);
    lock_holder(root, "lock", &who);
    buf_printf(&want, "pid %d", (int)getpid());
    assert_string_equal(buf_str(&who), buf_str(&want));
    io_close(fd);
    fd = lock_take(root, "lock");
    assert_true(fd >= 0);
    io_close(fd);
    buf_free(&who);
    buf_free(&want);
}

// The kernel lets go when the holder dies, however it dies.
static void test_holder_dies(void **state)
{
    (void)state;
    int ready[2], status;
    char c;
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        if (lock_take(root, "lock") < 0 || write(ready[1], "x", 1) != 1)
            _exit(1);
        pause();
        _exit(0);
    }
    assert_int_equal(read(ready[0], &c, 1), 1);
    assert_int_equal(lock_take(root, "lock"), -1);
    assert_int_equal(errno, EWOULDBLOCK);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    int fd = lock_take(root, "lock");
    assert_true(fd >= 0);
    io_close(fd);
    close(ready[0]);
    close(ready[1]);
}

// Whatever bears the name, nothing is waited for and nothing else is locked in its place.
static void test_what_is_no_lock(void **state)
{
    (void)state;
    alarm(20); // a FIFO that is waited for
    assert_int_equal(mkfifo(tree_path("fifo"), 0600), 0);
    assert_int_equal(lock_take(root, "fifo"), -1);
    assert_int_equal(errno, EPERM);
    assert_int_equal(tree_text("victim", "x"), 0);
    assert_int_equal(symlink("victim", tree_path("link")), 0);
    assert_int_equal(lock_take(root, "link"), -1);
    assert_int_equal(mkdir(tree_path("dir"), 0700), 0);
    assert_int_equal(lock_take(root, "dir"), -1);
    if (geteuid() == 0) {
        assert_int_equal(tree_text("theirs", "x"), 0);
        assert_int_equal(chown(tree_path("theirs"), TREE_UID, TREE_UID), 0);
        assert_int_equal(lock_take(root, "theirs"), -1);
        assert_int_equal(errno, EPERM);
    }
    struct buf who = BUF_INIT(128);
    lock_holder(root, "fifo", &who);
    lock_holder(root, "link", &who);
    lock_holder(root, "none", &who);
    assert_string_equal(buf_str(&who), "somebodysomebodysomebody");
    buf_free(&who);
    alarm(0);
}

static void somebody_replaces_it(void)
{
    assert_int_equal(tree_text("lock.new", ""), 0);
    assert_int_equal(rename(tree_path("lock.new"), tree_path("lock")), 0);
}

// HAZARDS 15: a lock on a file that bears the name no more would let two holders in.
static void test_replaced_meanwhile(void **state)
{
    (void)state;
    before_lock = somebody_replaces_it;
    assert_int_equal(lock_take(root, "lock"), -1);
    assert_int_equal(errno, EWOULDBLOCK);
    before_lock = NULL;
    int fd = lock_take(root, "lock");
    assert_true(fd >= 0);
    io_close(fd);
}

static void somebody_removes_it(void)
{
    assert_int_equal(unlink(tree_path("lock")), 0);
}

static void test_removed_meanwhile(void **state)
{
    (void)state;
    before_lock = somebody_removes_it;
    assert_int_equal(lock_take(root, "lock"), -1);
}

static void test_holder_is_cleaned(void **state)
{
    (void)state;
    struct buf who = BUF_INIT(128);
    assert_int_equal(tree_text("lock", "pid \x1b[2J\n"), 0);
    lock_holder(root, "lock", &who);
    assert_string_equal(buf_str(&who), "pid ?[2J");
    buf_free(&who);
}

int main(void)
{
#define IN_TREE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_TREE(test_one_holder),        IN_TREE(test_holder_dies),
        IN_TREE(test_what_is_no_lock),   IN_TREE(test_replaced_meanwhile),
        IN_TREE(test_removed_meanwhile), IN_TREE(test_holder_is_cleaned),
    };
    return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}
