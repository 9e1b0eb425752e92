// SPDX-License-Identifier: ISC
// links: submit
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "submit/walls/limits.h"
#include "walled.h"

// An unnamed file, open for writing.
static int a_file(void)
{
    int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        _exit(WALLED_SKIP);
    return fd;
}

static void quiet(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    check(dup2(null, STDOUT_FILENO) >= 0 && dup2(null, STDERR_FILENO) >= 0);
    signal(SIGXFSZ, SIG_IGN);
}

static void nothing_written(void)
{
    quiet();
    int fd = a_file();
    check(write(fd, "x", 1) == 1);
    check(limits_set(false) == 0);
    check(write(fd, "x", 1) == -1 && errno == EFBIG);
    check(write(STDOUT_FILENO, "x", 1) == 1);
}

// What we say may go to a file.
static void output_written(void)
{
    quiet();
    check(dup2(a_file(), STDERR_FILENO) >= 0);
    check(limits_set(false) == 0);
    check(write(STDERR_FILENO, "x", 1) == 1);
}

static void descriptors(void)
{
    struct rlimit before = {0}, after = {0};
    int n = 0;
    quiet();
    check(getrlimit(RLIMIT_NPROC, &before) == 0);
    check(limits_set(false) == 0);
    while (n < 2000 && dup(STDOUT_FILENO) >= 0)
        n++;
    check(n >= 200 && n < 1000); // all messages of a deep pipeline, and not much more
    check(getrlimit(RLIMIT_NPROC, &after) == 0 && after.rlim_max == before.rlim_max);
    check(limits_set(true) == 0);
    check(getrlimit(RLIMIT_NPROC, &after) == 0 && after.rlim_max <= 64);
}

// One that is lower already stays so.
static void never_raised(void)
{
    static const struct rlimit low = {20, 40};
    struct rlimit now = {0};
    quiet();
    check(setrlimit(RLIMIT_NOFILE, &low) == 0);
    check(limits_set(false) == 0);
    check(getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur == 20 && now.rlim_max == 40);
}

static void expect_fine(void (*scene)(void))
{
    int came = walled(scene);
    if (came == WALLED_SKIP)
        skip();
    assert_int_equal(came, 0);
}

static void test_files(void **state)
{
    (void)state;
    expect_fine(nothing_written);
    expect_fine(output_written);
}

static void test_numbers(void **state)
{
    (void)state;
    expect_fine(descriptors);
    expect_fine(never_raised);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
