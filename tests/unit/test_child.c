// SPDX-License-Identifier: ISC
// links: base
// Real programs and real time, of which as little passes as can be.
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
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/io.h"

enum { LONG = 60 * 1000 };

// Runs the shell with `script`; what it said is in text. Returns its wait status.
static int say(const char *script, char *text, size_t size)
{
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    int out[2], in[2];
    size_t n = 0;
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    pid_t pid = child_start(argv, in[0], out[1]);
    assert_true(pid > 0);
    close(out[1]);
    assert_int_equal(write(in[1], "question\n", 9), 9); // into the pipe, read or not
    close(in[0]);
    close(in[1]);
    for (ssize_t got; n < size - 1 && (got = read(out[0], text + n, size - 1 - n)) > 0;)
        n += (size_t)got;
    text[n] = '\0';
    close(out[0]);
    return child_end(pid, clock_steady() + LONG);
}

static void test_talk(void **state)
{
    (void)state;
    char text[256];
    int status = say("read word; echo \"<$word>\"; exit 7", text, sizeof text);
    assert_string_equal(text, "<question>\n");
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
}

// A file of ours is not open there.
static void test_descriptors(void **state)
{
    (void)state;
    char script[128], text[256];
    int fd = io_open(AT_FDCWD, "/dev/null", O_RDONLY, 0);
    if (access("/proc/self/fd", X_OK))
        skip();
    snprintf(script, sizeof script,
             "for n in 0 1 %d; do test -e /proc/self/fd/$n && echo $n; done", fd);
    assert_true(fd > STDERR_FILENO);
    (void)say(script, text, sizeof text);
    assert_string_equal(text, "0\n1\n");
    io_close(fd);
}

static void test_signals_are_at_their_defaults(void **state)
{
    (void)state;
    char text[256];
    sigset_t all;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    int status = say("kill -TERM $$; echo survived", text, sizeof text);
    assert_string_equal(text, "");
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
    status = say("kill -PIPE $$; echo survived", text, sizeof text);
    assert_true(WIFSIGNALED(status));
    sigprocmask(SIG_UNBLOCK, &all, NULL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
}

static void test_what_can_not_be_started(void **state)
{
    (void)state;
    const char *const none[] = {"/nonexistent/program", NULL};
    const char *const directory[] = {"/", NULL};
    const char *const bare[] = {"sh", NULL}; // PATH is not searched
    assert_int_equal(child_start(none, 0, 1), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(child_start(directory, 0, 1), -1);
    assert_int_equal(errno, EACCES);
    assert_int_equal(child_start(bare, 0, 1), -1);
    assert_int_equal(errno, ENOENT);
}

static void test_killed_at_the_deadline(void **state)
{
    (void)state;
    const char *const argv[] = {"/bin/sh", "-c", "trap '' TERM; exec sleep 1000", NULL};
    int64_t begin = clock_steady();
    pid_t pid = child_start(argv, STDIN_FILENO, STDOUT_FILENO);
    assert_true(pid > 0);
    int status = child_end(pid, begin + 30);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
    assert_true(clock_steady() >= begin + 30);
    assert_true(clock_steady() < begin + LONG / 2);
    assert_int_equal(waitpid(pid, NULL, WNOHANG), -1);
}

// One that has ended keeps its own status, however late we ask.
static void test_deadline_long_past(void **state)
{
    (void)state;
    const char *const argv[] = {"/bin/sh", "-c", "exit 3", NULL};
    siginfo_t info;
    pid_t pid = child_start(argv, STDIN_FILENO, STDOUT_FILENO);
    assert_true(pid > 0);
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    int status = child_end(pid, 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 3);
}

// Nobody waits for it, no terminal reaches it, and a caller's pipes are not held by it.
static void test_apart(void **state)
{
    (void)state;
    const char *const argv[] = {"/bin/sh", "-c",
                                "read -r pid name state parent group session rest "
                                "</proc/$$/stat && [ $session = $$ ] && "
                                "[ \"$(readlink /proc/self/fd/0)\" = /dev/null ] && "
                                "[ \"$(readlink /proc/$$/fd/1)\" = /dev/null ] && "
                                "[ \"$(readlink /proc/$$/fd/2)\" = /dev/null ] && exit 7",
                                NULL};
    int status;
    pid_t pid = child_start_apart(argv, false);
    assert_true(pid > 0);
    assert_true(child_await(pid, clock_steady() + LONG, &status));
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
}

static void test_left_to_itself(void **state)
{
    (void)state;
    const char *const argv[] = {"/bin/sh", "-c", "exec sleep 1000", NULL};
    int status;
    pid_t pid = child_start_apart(argv, false);
    assert_true(pid > 0);
    assert_false(child_await(pid, clock_steady() + 30, &status));
    assert_int_equal(kill(pid, 0), 0);
    status = child_end(pid, 0);
    assert_true(WIFSIGNALED(status));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_talk),
        cmocka_unit_test(test_descriptors),
        cmocka_unit_test(test_signals_are_at_their_defaults),
        cmocka_unit_test(test_what_can_not_be_started),
        cmocka_unit_test(test_killed_at_the_deadline),
        cmocka_unit_test(test_deadline_long_past),
        cmocka_unit_test(test_apart),
        cmocka_unit_test(test_left_to_itself),
    };
    alarm(60);
    return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}
