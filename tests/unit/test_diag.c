// SPDX-License-Identifier: ISC
// links: base
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/diag.h"

// What is written to stderr while the returned pipe stands in its place.
static int kept, ends[2];
static char said[8192];

static void listen_to_stderr(void)
{
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    assert_true(dup2(ends[1], STDERR_FILENO) == STDERR_FILENO);
}

static void hear(void)
{
    dup2(kept, STDERR_FILENO);
    close(kept);
    ssize_t n = read(ends[0], said, sizeof said - 1);
    said[n > 0 ? n : 0] = '\0';
    close(ends[0]);
    close(ends[1]);
}

static void test_one_clean_line(void **state)
{
    (void)state;
    diag_name("prog");
    listen_to_stderr();
    errno = EDOM;
    diag_warn("%s: \x1b[31m\n\xff", "thing");
    int after = errno;
    hear();
    assert_string_equal(said, "prog: thing: ?[31m ?\n");
    assert_int_equal(after, EDOM);
}

static void test_long_line(void **state)
{
    (void)state;
    static char text[5000];
    memset(text, 'x', sizeof text - 1);
    listen_to_stderr();
    diag_warn("%s", text);
    hear();
    size_t n = strlen(said);
    assert_true(n > 2000 && n < 2200);
    assert_int_equal(said[n - 1], '\n');
    assert_ptr_equal(strchr(said, '\n'), said + n - 1);
}

static void test_log(void **state)
{
    (void)state;
    diag_name("prog");
    listen_to_stderr();
    diag_log_to(DIAG_NONE);
    diag_log(LOG_ERR, "nowhere");
    diag_log_to(DIAG_STDERR);
    errno = EDOM;
    diag_log(LOG_ERR, "%d: here", 5);
    int after = errno;
    hear();
    assert_string_equal(said, "prog: 5: here\n");
    assert_int_equal(after, EDOM);
}

static const struct event event = {.kind = EVENT_LINE,
                                   .level = LOG_WARNING,
                                   .uid = -1,
                                   .account = "work",
                                   .relay = "a\x1b",
                                   .text = "it \"is\"\nso"};

static void test_event(void **state)
{
    (void)state;
    diag_name("prog");
    listen_to_stderr();
    diag_log_to(DIAG_NONE);
    diag_event(&event);
    diag_log_to(DIAG_STDERR);
    errno = EDOM;
    diag_event(&event);
    int after = errno;
    hear();
    assert_string_equal(said, "prog: account=work, relay=a?: it \"is\" so\n");
    assert_int_equal(after, EDOM);
}

// One object a line, whatever is said.
static void test_json(void **state)
{
    (void)state;
    static const char *const want[] = {
        ("\"level\":\"warning\",\"program\":\"prog\",\"event\":\"line\","
         "\"account\":\"work\",\"relay\":\"a?\",\"reason\":\"it \\\"is\\\" so\"}"),
        "\"level\":\"info\",\"program\":\"prog\",\"message\":\"5: here\"}",
        "\"level\":\"error\",\"program\":\"prog\",\"message\":\"a \\\\ b\"}",
    };
    diag_name("prog");
    diag_log_to(DIAG_JSON);
    listen_to_stderr();
    errno = EDOM;
    diag_event(&event);
    diag_log(LOG_INFO, "%d: here", 5);
    diag_warn("a \\ b");
    int after = errno;
    hear();
    assert_int_equal(after, EDOM);
    struct span rest = span_of(said), one;
    for (size_t i = 0; i < 3; i++) {
        static const size_t head = sizeof "{\"time\":\"2026-11-22T18:06:03.583523Z\"," - 1;
        assert_true(span_cut(&rest, '\n', &one) && one.n > head);
        assert_memory_equal(one.p, "{\"time\":\"20", 11);
        assert_memory_equal(one.p + head - 3, "Z\",", 3);
        assert_int_equal(one.n - head, strlen(want[i]));
        assert_memory_equal(one.p + head, want[i], one.n - head);
    }
    assert_int_equal(rest.n, 0);
    diag_log_to(DIAG_NONE);
}

// No stderr, no syslog: nothing happens, and errno is what it was.
static void test_nowhere_to_go(void **state)
{
    (void)state;
    listen_to_stderr();
    close(STDERR_FILENO);
    errno = EDOM;
    diag_warn("lost");
    diag_log_to(DIAG_SYSLOG);
    diag_log(LOG_DEBUG, "a line of the unit tests");
    int after = errno;
    hear();
    assert_int_equal(after, EDOM);
    assert_string_equal(said, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_clean_line),
        cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_log),
        cmocka_unit_test(test_event),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_nowhere_to_go),
    };
    return cmocka_run_group_tests_name("diag", tests, NULL, NULL);
}
