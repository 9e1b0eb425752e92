// SPDX-License-Identifier: ISC
// links: base
// wraps: renameat2 write pwrite syscall
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/io.h"
#include "unit/tree.h"

// A system whose calls do less than they might: renameat2 that is not there, and writes that
// are broken off.
static bool no_rename;
static size_t most = SIZE_MAX;
static int breaks;
static int no_openat2; // what it answers, 0: it is there

long __real_syscall(long number, ...);
long __wrap_syscall(long number, long a, long b, long c, long d, long e);
#ifdef __GLIBC__
int __real_renameat2(int from_dir, const char *from, int to_dir, const char *to,
                     unsigned flags);
int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to,
                     unsigned flags);
#endif
ssize_t __real_write(int fd, const void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n);
ssize_t __real_pwrite(int fd, const void *p, size_t n, off_t at);
ssize_t __wrap_pwrite(int fd, const void *p, size_t n, off_t at);

// io.c makes these two calls by their numbers, and no other.
long __wrap_syscall(long number, long a, long b, long c, long d, long e)
{
    if (number == SYS_renameat2 ? !no_rename : !no_openat2)
        return __real_syscall(number, a, b, c, d, e);
    errno = number == SYS_renameat2 ? EINVAL : no_openat2;
    return -1;
}

#ifdef __GLIBC__
int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    if (!no_rename)
        return __real_renameat2(from_dir, from, to_dir, to, flags);
    errno = EINVAL;
    return -1;
}
#endif

static bool is_broken_off(void)
{
    if (breaks == 0)
        return false;
    breaks--;
    errno = EINTR;
    return true;
}

ssize_t __wrap_write(int fd, const void *p, size_t n)
{
    return is_broken_off() ? -1 : __real_write(fd, p, n < most ? n : most);
}

ssize_t __wrap_pwrite(int fd, const void *p, size_t n, off_t at)
{
    return is_broken_off() ? -1 : __real_pwrite(fd, p, n < most ? n : most, at);
}

static int open_dir(const char *name)
{
    int fd = io_open(AT_FDCWD, tree_path(name), O_RDONLY | O_DIRECTORY, 0);
    assert_true(fd >= 0);
    return fd;
}

static void assert_file(const char *name, const char *want)
{
    char text[64];
    int fd = io_open(AT_FDCWD, tree_path(name), O_RDONLY, 0);
    assert_true(fd >= 0);
    ssize_t n = io_read(fd, text, sizeof text - 1);
    assert_true(n >= 0);
    text[n] = '\0';
    assert_string_equal(text, want);
    io_close(fd);
}

static bool is_there(const char *name)
{
    struct stat st;
    return io_stat_at(AT_FDCWD, tree_path(name), &st) == 0;
}

static void assert_renames(void)
{
    int a = open_dir("a"), b = open_dir("b");
    assert_int_equal(tree_text("a/one", "first"), 0);
    assert_int_equal(io_rename(a, "one", b, "two"), 0);
    assert_false(is_there("a/one"));
    assert_file("b/two", "first");
    // Never over another one, be it a file, a directory or a dead link.
    assert_int_equal(tree_text("a/one", "second"), 0);
    assert_int_equal(io_rename(a, "one", b, "two"), -1);
    assert_int_equal(errno, EEXIST);
    assert_file("b/two", "first");
    assert_file("a/one", "second");
    assert_int_equal(io_rename(a, "one", b, "dir"), -1);
    assert_int_equal(errno, EEXIST);
    assert_int_equal(io_rename(a, "one", b, "link"), -1);
    assert_int_equal(errno, EEXIST);
    assert_file("a/one", "second");
    assert_int_equal(io_rename(a, "none", b, "three"), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(io_rename(a, "one", -1, "three"), -1);
    assert_file("a/one", "second");
    assert_int_equal(io_unlink(a, "one"), 0);
    assert_int_equal(io_unlink(b, "two"), 0);
    io_close(a);
    io_close(b);
}

static void test_rename(void **state)
{
    (void)state;
    assert_int_equal(mkdir(tree_path("a"), 0700), 0);
    assert_int_equal(mkdir(tree_path("b"), 0700), 0);
    assert_int_equal(mkdir(tree_path("b/dir"), 0700), 0);
    assert_int_equal(symlink("nowhere", tree_path("b/link")), 0);
    assert_renames();
    no_rename = true;
    assert_renames();
    no_rename = false;
}

static void test_writes_are_whole(void **state)
{
    (void)state;
    char text[100], back[100];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('a' + i % 26);
    int fd = io_open(AT_FDCWD, tree_path("whole"), O_RDWR | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    most = 7;
    breaks = 3;
    assert_int_equal(io_write(fd, text, sizeof text), 0);
    breaks = 3;
    assert_int_equal(io_pwrite(fd, text, sizeof text, 50), 0);
    most = SIZE_MAX;
    assert_int_equal(breaks, 0);
    assert_int_equal(io_pread(fd, back, 50, 0), 50);
    assert_memory_equal(back, text, 50);
    assert_int_equal(io_pread(fd, back, 100, 50), 100);
    assert_memory_equal(back, text, 100);
    assert_int_equal(io_pread(fd, back, 100, 150), 0);
    assert_int_equal(io_write(fd, "", 0), 0);
    io_close(fd);
    assert_int_equal(io_write(fd, text, 1), -1);
    assert_int_equal(errno, EBADF);
}

static void test_full_disk(void **state)
{
    (void)state;
    int fd = io_open(AT_FDCWD, "/dev/full", O_WRONLY, 0);
    if (fd < 0)
        skip();
    assert_int_equal(io_write(fd, "x", 1), -1);
    assert_int_equal(errno, ENOSPC);
    io_close(fd);
}

static void test_open_and_close(void **state)
{
    (void)state;
    assert_int_equal(tree_text("plain", "x"), 0);
    int fd = io_open(AT_FDCWD, tree_path("plain"), O_RDONLY, 0);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    errno = EIO;
    io_close(fd);
    io_close(fd); // none any more
    io_close(-1);
    assert_int_equal(errno, EIO);
    assert_int_equal(io_close_checked(fd), -1);
    fd = io_open(AT_FDCWD, tree_path("plain"), O_RDONLY, 0);
    assert_int_equal(io_close_checked(fd), 0);
}

static void test_stat_does_not_follow(void **state)
{
    (void)state;
    struct stat st;
    char path[PATH_MAX];
    assert_int_equal(symlink("plain", tree_path("to-plain")), 0);
    assert_int_equal(io_stat_at(AT_FDCWD, tree_path("to-plain"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(io_resolve(tree_path("to-plain"), path), 0);
    assert_non_null(strstr(path, "/plain"));
    assert_int_equal(io_resolve(tree_path("nothing"), path), -1);
}

static void test_touch(void **state)
{
    (void)state;
    struct stat before, after;
    assert_int_equal(tree_text("touched", "x"), 0);
    int fd = io_open(AT_FDCWD, tree_path("touched"), O_RDWR, 0);
    assert_int_equal(io_stat(fd, &before), 0);
    assert_int_equal(io_touch(fd, 1763818650123456), 0);
    assert_int_equal(io_stat(fd, &after), 0);
    assert_int_equal(after.st_mtim.tv_sec, 1763818650);
    assert_int_equal(after.st_mtim.tv_nsec, 123456000);
    assert_int_equal(after.st_atim.tv_sec, before.st_atim.tv_sec);
    assert_int_equal(after.st_atim.tv_nsec, before.st_atim.tv_nsec);
    io_close(fd);
}

// A lock holds against another process, is not waited for, and ends with its holder.
static bool count_letters(void *with, const char *name)
{
    size_t *left = with;
    *left -= name[0] != '.';
    return *left;
}

// All names of a directory, or those up to the one that is looked for; and again, as the
// descriptor stays where it was.
static void test_walk(void **state)
{
    (void)state;
    size_t left = 10;
    assert_int_equal(tree_text("walked/one", ""), 0);
    assert_int_equal(tree_text("walked/two", ""), 0);
    assert_int_equal(tree_text("walked/three", ""), 0);
    int dir = open_dir("walked");
    assert_int_equal(io_walk(dir, ".", count_letters, &left), 0);
    assert_int_equal(left, 7);
    assert_int_equal(io_walk(dir, ".", count_letters, &left), 0);
    assert_int_equal(left, 4);
    left = 2;
    assert_int_equal(io_walk(AT_FDCWD, tree_path("walked"), count_letters, &left), 0);
    assert_int_equal(left, 0);
    assert_int_equal(io_walk(dir, "one", count_letters, &left), -1);
    assert_int_equal(errno, ENOTDIR);
    assert_int_equal(io_walk(dir, "four", count_letters, &left), -1);
    assert_int_equal(errno, ENOENT);
    close(dir);
}

static void test_lock_between_processes(void **state)
{
    (void)state;
    int ready[2], go[2], status;
    char c;
    assert_int_equal(tree_text("locked", ""), 0);
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(go), 0);
    pid_t pid = fork();
    if (pid == 0) {
        int fd = io_open(AT_FDCWD, tree_path("locked"), O_RDWR, 0);
        if (io_lock(fd) || write(ready[1], "x", 1) != 1)
            _exit(1);
        close(go[1]);
        (void)!read(go[0], &c, 1);
        _exit(2);
    }
    assert_int_equal(read(ready[0], &c, 1), 1);
    int fd = io_open(AT_FDCWD, tree_path("locked"), O_RDWR, 0);
    assert_int_equal(io_lock(fd), -1);
    assert_int_equal(errno, EWOULDBLOCK);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(io_lock(fd), 0);
    int other = io_open(AT_FDCWD, tree_path("locked"), O_RDWR, 0);
    assert_int_equal(io_lock(other), -1); // of this process, too
    io_close(fd);
    assert_int_equal(io_lock(other), 0);
    io_close(other);
    for (int i = 0; i < 2; i++) {
        close(ready[i]);
        close(go[i]);
    }
}

static void test_sync_and_random(void **state)
{
    (void)state;
    unsigned char a[64] = {0}, b[64] = {0};
    int fd = open_dir("");
    assert_int_equal(io_sync(fd), 0);
    assert_int_equal(io_syncfs(fd), 0);
    uint64_t octets = UINT64_MAX;
    assert_int_equal(io_space(fd, &octets), 0);
    assert_true(octets < UINT64_MAX);
    io_close(fd);
    assert_int_equal(io_space(-1, &octets), -1);
    assert_int_equal(io_sync(-1), -1);
    assert_int_equal(io_random(a, sizeof a), 0);
    assert_int_equal(io_random(b, sizeof b), 0);
    assert_memory_not_equal(a, b, sizeof a);
}

// Asking takes nobody's lock, and leaves none behind.
static void test_is_locked(void **state)
{
    (void)state;
    assert_int_equal(tree_text("asked", ""), 0);
    int a = io_open(AT_FDCWD, tree_path("asked"), O_RDONLY, 0);
    int b = io_open(AT_FDCWD, tree_path("asked"), O_RDONLY, 0);
    assert_false(io_is_locked(b));
    assert_int_equal(io_lock(a), 0);
    assert_true(io_is_locked(b));
    io_close(a);
    assert_false(io_is_locked(b));
    a = io_open(AT_FDCWD, tree_path("asked"), O_RDONLY, 0);
    assert_int_equal(io_lock(a), 0);
    io_close(a);
    io_close(b);
    assert_false(io_is_locked(-1));
}

// It is a hint: what it is given can not make it fail, or touch errno.
static void test_write_back(void **state)
{
    (void)state;
    int ends[2];
    int fd = io_open(AT_FDCWD, tree_path("early"), O_RDWR | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(io_write(fd, "0123456789", 10), 0);
    assert_int_equal(pipe(ends), 0);
    errno = EDOM;
    io_write_back(fd, 0, 10);
    io_write_back(fd, 5, 1 << 20);
    io_write_back(fd, -1, 10);
    io_write_back(ends[0], 0, 10);
    io_write_back(-1, 0, 10);
    assert_int_equal(errno, EDOM);
    char got[10];
    assert_int_equal(io_pread(fd, got, 10, 0), 10);
    assert_memory_equal(got, "0123456789", 10);
    close(ends[0]);
    close(ends[1]);
    close(fd);
}

// Where somebody else may have laid traps, nothing leads elsewhere and nothing waits.
static void test_open_beneath(void **state)
{
    (void)state;
    struct stat st;
    assert_int_equal(tree_write("traps/file", "x", 1), 0);
    assert_int_equal(mkdir(tree_path("traps/directory"), 0700), 0);
    assert_int_equal(mkfifo(tree_path("traps/fifo"), 0600), 0);
    assert_int_equal(symlink("file", tree_path("traps/link")), 0);
    assert_int_equal(symlink("directory", tree_path("traps/way")), 0);
    int dir = io_open(AT_FDCWD, tree_path("traps"), O_RDONLY | O_DIRECTORY, 0);
    assert_true(dir >= 0);
    static const struct {
        const char *name;
        int flags, error; // 0: it opens
    } rows[] = {
        {"file", O_RDWR, 0},        {"directory", O_RDONLY | O_DIRECTORY, 0},
        {"fifo", O_RDONLY, 0},      {"fifo", O_RDWR, 0},
        {"fifo", O_WRONLY, ENXIO},  {"link", O_RDONLY, ELOOP},
        {"way", O_RDONLY, ELOOP},   {"way", O_RDONLY | O_DIRECTORY, ENOTDIR},
        {"absent", O_RDWR, ENOENT}, {"directory", O_RDWR, EISDIR},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = io_open_beneath(dir, rows[i].name, rows[i].flags, 0);
        if (rows[i].error) {
            assert_int_equal(fd, -1);
            // Both say that a link is no directory.
            assert_true(errno == rows[i].error || (errno == ELOOP && rows[i].error == ENOTDIR));
            continue;
        }
        assert_true(fd >= 0);
        assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
        assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
        io_close(fd);
    }
    assert_int_equal(io_stat_beneath(dir, "link", &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(io_stat_beneath(dir, "fifo", &st), 0);
    assert_true(S_ISFIFO(st.st_mode));
    assert_int_equal(io_stat_beneath(dir, "absent", &st), -1);
    assert_int_equal(errno, ENOENT);
    io_close(dir);
    // Another file system: /proc is one wherever it is.
    dir = io_open(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY, 0);
    if (io_stat_at(dir, "proc/self", &st) == 0) {
        assert_int_equal(io_open_beneath(dir, "proc", O_RDONLY | O_DIRECTORY, 0), -1);
        assert_int_equal(errno, EXDEV);
        assert_int_equal(io_stat_beneath(dir, "proc", &st), -1);
    }
    io_close(dir);
}

// Old kernels and some sandboxes have no such call: the answers are the same.
static void test_open_beneath_elsewhere(void **state)
{
    static const int answers[] = {EPERM, ENOSYS};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        no_openat2 = answers[i];
        assert_int_equal(nftw(tree_path("traps"), tree_remove_one, 16, FTW_DEPTH | FTW_PHYS),
                         0);
        test_open_beneath(state);
    }
}

static void test_exchange(void **state)
{
    (void)state;
    struct stat st;
    if (!PORT_LINUX)
        skip();
    int dir = io_open(AT_FDCWD, tree_path(""), O_RDONLY | O_DIRECTORY, 0);
    assert_int_equal(tree_write("one", "x", 1), 0);
    assert_int_equal(mkdir(tree_path("two"), 0700), 0);
    assert_int_equal(io_exchange(dir, "one", dir, "two"), 0);
    assert_int_equal(io_stat_at(dir, "one", &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    assert_int_equal(io_stat_at(dir, "two", &st), 0);
    assert_true(S_ISREG(st.st_mode));
    assert_int_equal(io_exchange(dir, "one", dir, "absent"), -1);
    assert_int_equal(errno, ENOENT);
    io_close(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rename),
        cmocka_unit_test(test_writes_are_whole),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_open_and_close),
        cmocka_unit_test(test_stat_does_not_follow),
        cmocka_unit_test(test_touch),
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_lock_between_processes),
        cmocka_unit_test(test_sync_and_random),
        cmocka_unit_test(test_is_locked),
        cmocka_unit_test(test_write_back),
        cmocka_unit_test(test_exchange),
        cmocka_unit_test(test_open_beneath),
        cmocka_unit_test(test_open_beneath_elsewhere),
    };
    return cmocka_run_group_tests_name("io", tests, tree_setup, tree_teardown);
}
