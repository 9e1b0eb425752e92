// SPDX-License-Identifier: ISC
// links: base
// Each case is a process that a careless caller made.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"

// Runs `scene` in a child whose descriptors 0 to 2 but those in `closed` are open; it tells its
// answer by its status, 0 being right.
static void run(const char *closed, int (*scene)(void))
{
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        alarm(20);
        for (; *closed; closed++)
            close(*closed - '0');
        _exit(scene());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static bool is_null(int fd)
{
    struct stat st, null;
    return fstat(fd, &st) == 0 && stat("/dev/null", &null) == 0 && st.st_rdev == null.st_rdev;
}

static int all_open(void)
{
    return process_begin() ? 0 : 1;
}

// Whose zone file is opened: root's environment may be a user's.
static int zones(void)
{
    static const struct {
        const char *zone;
        bool stays;
    } cases[] = {{"", true},
                 {"UTC", true},
                 {":Europe/Berlin", true},
                 {"Europe/Berlin", true},
                 {"CET-1CEST,M3.5.0,M10.5.0/3", true},
                 {"/tmp/zone", false},
                 {":/tmp/zone", false},
                 {":../../../tmp/zone", false},
                 {"Europe/../../../../tmp/zone", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        setenv("TZ", cases[i].zone, 1);
        setenv("TZDIR", "/tmp", 1);
        setenv("GCONV_PATH", "/tmp", 1);
        (void)process_begin();
        bool stays = cases[i].stays || geteuid() != 0;
        if ((getenv("TZ") != NULL) != stays || (getenv("TZDIR") != NULL) != (geteuid() != 0) ||
            (getenv("GCONV_PATH") != NULL) != (geteuid() != 0))
            return (int)i + 1;
    }
    return 0;
}

static int none_open(void)
{
    if (process_begin())
        return 1;
    return is_null(0) && is_null(1) && is_null(2) ? 0 : 2;
}

static int only_stdin(void)
{
    if (!process_begin())
        return 1;
    return is_null(1) && is_null(2) && open("/dev/null", O_RDONLY) == 3 ? 0 : 2;
}

static int only_stderr_missing(void)
{
    return process_begin() && is_null(2) ? 0 : 1;
}

static void test_standard_descriptors(void **state)
{
    (void)state;
    run("", all_open);
    run("012", none_open);
    run("12", only_stdin);
    run("2", only_stderr_missing);
}

static void test_zones(void **state)
{
    (void)state;
    run("", zones);
}

static int others(void)
{
    int low = open("/dev/null", O_RDONLY), high = fcntl(low, F_DUPFD, 900);
    if (low < 3 || high < 900)
        return 1;
    process_begin();
    return fcntl(low, F_GETFD) < 0 && fcntl(high, F_GETFD) < 0 ? 0 : 2;
}

static void test_others_are_closed(void **state)
{
    (void)state;
    run("", others);
}

static int surroundings(void)
{
    struct sigaction pipe, size, child;
    umask(0);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    signal(SIGCHLD, SIG_IGN);
    process_begin();
    sigaction(SIGPIPE, NULL, &pipe);
    sigaction(SIGXFSZ, NULL, &size);
    sigaction(SIGCHLD, NULL, &child);
    if (umask(0) != 077)
        return 1;
    return pipe.sa_handler == SIG_IGN && size.sa_handler == SIG_IGN
               ? child.sa_handler != SIG_DFL
               : 2;
}

static void test_umask_and_signals(void **state)
{
    (void)state;
    run("", surroundings);
}

// A caller that left SIGCHLD ignored must not make a broken child look like a good one.
static int status_of_child(void)
{
    int status = -1;
    signal(SIGCHLD, SIG_IGN);
    process_begin();
    pid_t pid = fork();
    if (pid == 0)
        _exit(9);
    return waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 9 ? 0 : 1;
}

static void test_children_are_waited_for(void **state)
{
    (void)state;
    run("", status_of_child);
}

static int beyond_a_limit(void)
{
    struct rlimit small = {.rlim_cur = 4, .rlim_max = 4};
    char name[] = "/tmp/sendoff-unit.XXXXXX";
    process_begin();
    int fd = mkstemp(name);
    unlink(name);
    if (fd < 0 || setrlimit(RLIMIT_FSIZE, &small))
        return 1;
    return write(fd, "0123456789", 10) == 4 && write(fd, "x", 1) < 0 ? 0 : 2;
}

static void test_file_size_limit_is_an_error(void **state)
{
    (void)state;
    run("", beyond_a_limit);
}

static int blocked(void)
{
    static const int ending[] = {SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGALRM, SIGUSR1};
    process_block_signals();
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
        raise(ending[i]);
    return 0;
}

static void test_blocked_signals_do_not_end_it(void **state)
{
    (void)state;
    run("", blocked);
}

// What came while they were blocked comes then.
static int let_in_again(void)
{
    static const int signals[] = {SIGUSR1, SIGUSR2};
    sigset_t now;
    process_unblock_signals();
    for (size_t i = 0; i < 2; i++) {
        signal(signals[i], SIG_IGN);
        process_block_signals();
        process_block_signals();
        process_unblock_signals();
        if (sigprocmask(SIG_BLOCK, NULL, &now) || sigismember(&now, signals[i]))
            return 1;
    }
    signal(SIGTERM, SIG_DFL);
    process_block_signals();
    raise(SIGTERM);
    process_unblock_signals();
    return 2;
}

static void test_signals_are_let_in_again(void **state)
{
    (void)state;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(let_in_again());
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

static void test_name(void **state)
{
    (void)state;
    assert_string_equal(process_name("/usr/sbin/sendmail"), "sendmail");
    assert_string_equal(process_name("mailq"), "mailq");
    assert_string_equal(process_name("./a/../mailq"), "mailq");
    assert_string_equal(process_name("/usr/bin/"), "");
    assert_string_equal(process_name(""), "");
    assert_string_equal(process_name(NULL), "");
}

// Says in the environment that `fds` descriptors were handed to process `pid`.
static void say_given(const char *fds, int pid)
{
    char text[16];
    snprintf(text, sizeof text, "%d", pid);
    setenv("LISTEN_FDS", fds, 1);
    setenv("LISTEN_PID", text, 1);
}

static int given(void)
{
    int null = open("/dev/null", O_RDWR);
    for (int fd = 3; fd <= 6; fd++)
        if (fd != null && dup2(null, fd) < 0)
            return 1;
    say_given("2", getpid());
    if (process_begin_given() != 2)
        return 2;
    if (fcntl(3, F_GETFD) != FD_CLOEXEC || fcntl(4, F_GETFD) != FD_CLOEXEC)
        return 3;
    if (fcntl(5, F_GETFD) >= 0 || fcntl(6, F_GETFD) >= 0)
        return 4;
    return getenv("LISTEN_PID") || getenv("LISTEN_FDS") ? 5 : 0;
}

static int given_to_another(void)
{
    if (dup2(0, 3) < 0)
        return 1;
    say_given("1", getpid() + 1);
    return process_begin_given() == 0 && fcntl(3, F_GETFD) < 0 ? 0 : 2;
}

static int given_nonsense(void)
{
    static const char *const counts[] = {"", "-1", "x", "1x", "17", "99999999999999999999"};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        if (dup2(0, 3) < 0)
            return 1;
        say_given(counts[i], getpid());
        if (process_begin_given() != 0 || fcntl(3, F_GETFD) >= 0)
            return 2;
    }
    // More than there are.
    say_given("3", getpid());
    return process_begin_given() == 0 ? 0 : 3;
}

static int limits(void)
{
    struct rlimit l = {.rlim_cur = 30, .rlim_max = 60};
    if (setrlimit(RLIMIT_NOFILE, &l))
        return 1;
    process_full_limits();
    return getrlimit(RLIMIT_NOFILE, &l) == 0 && l.rlim_cur == 60 ? 0 : 2;
}

static void test_given_descriptors(void **state)
{
    (void)state;
    run("", given);
    run("", given_to_another);
    run("", given_nonsense);
}

static void test_full_limits(void **state)
{
    (void)state;
    run("", limits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_standard_descriptors),
        cmocka_unit_test(test_zones),
        cmocka_unit_test(test_others_are_closed),
        cmocka_unit_test(test_umask_and_signals),
        cmocka_unit_test(test_children_are_waited_for),
        cmocka_unit_test(test_file_size_limit_is_an_error),
        cmocka_unit_test(test_blocked_signals_do_not_end_it),
        cmocka_unit_test(test_signals_are_let_in_again),
        cmocka_unit_test(test_name),
        cmocka_unit_test(test_given_descriptors),
        cmocka_unit_test(test_full_limits),
    };
    return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
