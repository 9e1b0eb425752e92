// SPDX-License-Identifier: ISC
// links: base
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/signals.h"

static bool is_readable(int fd, int ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int n;
    do
        n = poll(&p, 1, ms);
    while (n < 0 && errno == EINTR);
    return n == 1;
}

static void test_each_is_told(void **state)
{
    (void)state;
    static const int ends[] = {SIGTERM, SIGINT, SIGHUP};
    int fd = signals_open();
    assert_true(fd >= 0);
    assert_false(is_readable(fd, 0));
    assert_int_equal(signals_next(fd), 0);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        raise(ends[i]);
        assert_true(is_readable(fd, 1000));
        assert_int_equal(signals_next(fd), ends[i]);
        assert_int_equal(signals_next(fd), 0);
        assert_false(is_readable(fd, 0));
    }
    raise(SIGHUP);
    raise(SIGTERM);
    assert_true(signals_came(fd));
    assert_false(signals_came(fd));
    io_close(fd);
}

static void test_a_second_one_takes_over(void **state)
{
    (void)state;
    int first = signals_open();
    io_close(first);
    int second = signals_open();
    raise(SIGINT);
    assert_true(signals_came(second));
    io_close(second);
}

static void test_children(void **state)
{
    (void)state;
    int fd = signals_open_with_children();
    pid_t pid = fork();
    if (pid == 0)
        _exit(7);
    int status = 0;
    assert_true(pid > 0);
    assert_true(is_readable(fd, 10000));
    assert_int_equal(signals_next(fd), SIGCHLD);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 7);
    io_close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_is_told),
        cmocka_unit_test(test_a_second_one_takes_over),
        cmocka_unit_test(test_children),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
