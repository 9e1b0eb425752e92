// SPDX-License-Identifier: ISC
// links: submit
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/signals.h"
#include "submit/wait.h"

// Deadlines lie in the past, or what is waited for is there already: nothing here takes time.
static struct wait w;
static int sendoff; // the other end of our socket

static int set_up(void **state)
{
    int pair[2];
    (void)state;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        return -1;
    sendoff = pair[0];
    return wait_init(&w, pair[1]);
}

static int tear_down(void **state)
{
    (void)state;
    close(w.peer);
    close(w.signals);
    if (sendoff >= 0)
        close(sendoff);
    return 0;
}

static enum wait_answer wait_now(struct pollfd *one, short events)
{
    return wait_for(&w, one, events, clock_steady());
}

static void nothing_comes(void **state)
{
    struct pollfd none = {.fd = -1};
    (void)state;
    assert_int_equal(wait_now(&none, POLLIN), WAIT_LATE);
    assert_int_equal(wait_for(&w, &none, 0, INT64_MIN), WAIT_LATE);
    assert_false(wait_stopping(&w));
}

static void both_sides(void **state)
{
    struct pollfd one = {.fd = -1, .events = POLLIN};
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    one.fd = ends[0];
    assert_int_equal(wait_now(&one, POLLOUT), WAIT_READY);
    assert_int_equal(w.ready, POLLOUT);
    assert_int_equal(one.revents, 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_int_equal(wait_now(&one, 0), WAIT_READY);
    assert_int_equal(one.revents, POLLIN);
    assert_int_equal(w.ready, 0);
    assert_int_equal(write(sendoff, "x", 1), 1);
    assert_int_equal(wait_now(&one, POLLIN), WAIT_READY);
    assert_int_equal(one.revents, POLLIN);
    assert_int_equal(w.ready, POLLIN);
    // A closed descriptor is news too: the reader will see the end.
    close(ends[1]);
    assert_int_equal(read(ends[0], &(char){0}, 1), 1);
    assert_int_equal(wait_now(&one, 0), WAIT_READY);
    close(ends[0]);
}

static void sendoff_dies(void **state)
{
    struct pollfd none = {.fd = -1};
    (void)state;
    assert_int_equal(write(sendoff, "x", 1), 1);
    close(sendoff);
    sendoff = -1;
    // Even where nothing of its was asked for, and whatever it had said.
    assert_int_equal(wait_for(&w, &none, 0, INT64_MAX), WAIT_GONE);
}

static void asked_to_end(void **state)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
    struct pollfd none = {.fd = -1};
    (void)state;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        w.stop_by = INT64_MAX;
        int64_t before = clock_steady();
        raise(signals[i]);
        assert_int_equal(wait_for(&w, &none, 0, INT64_MAX), WAIT_STOP);
        assert_true(wait_stopping(&w));
        assert_in_range(w.stop_by, before + SIGNALS_GRACE, clock_steady() + SIGNALS_GRACE);
    }
    // Told once; a second signal changes nothing, and does not put the end off.
    int64_t end = w.stop_by;
    raise(SIGTERM);
    assert_int_equal(wait_now(&none, 0), WAIT_LATE);
    assert_int_equal(w.stop_by, end);
    // No wait outlasts the end.
    w.stop_by = clock_steady() - 1;
    assert_int_equal(wait_for(&w, &none, 0, INT64_MAX), WAIT_LATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_comes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(both_sides, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sendoff_dies, set_up, tear_down),
        cmocka_unit_test_setup_teardown(asked_to_end, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("wait", tests, NULL, NULL);
}
