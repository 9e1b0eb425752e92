// SPDX-License-Identifier: ISC
// links: submit
// wraps: connect socket
// The kernel's answers are ours: what a host without a line, or a sandbox, gives.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/io.h"
#include "submit/line/route.h"

static int error_4, error_6, socket_error; // 0: it works
static unsigned called;                    // bits: 1 by IPv4, 2 by IPv6

int __real_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol);
int __wrap_connect(int fd, const struct sockaddr *to, socklen_t n);

int __wrap_socket(int domain, int type, int protocol)
{
    (void)domain, (void)protocol;
    // What is asked for here is a route: nothing may be sent, and nobody be waited for.
    assert_true((type & SOCK_DGRAM) && (type & SOCK_NONBLOCK) && (type & SOCK_CLOEXEC));
    if (socket_error) {
        errno = socket_error;
        return -1;
    }
    return __real_socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

int __wrap_connect(int fd, const struct sockaddr *to, socklen_t n)
{
    (void)fd;
    bool six = to->sa_family == AF_INET6;
    assert_int_equal(n, six ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
    called |= six ? 2 : 1;
    errno = six ? error_6 : error_4;
    return errno ? -1 : 0;
}

static void test_barred(void **state)
{
    (void)state;
    static const int barred[] = {EPERM, EACCES, EAFNOSUPPORT, ENETUNREACH, ENETDOWN};
    static const int others[] = {0,          ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH,
                                 ECONNRESET, EMFILE,       EINTR,     EADDRNOTAVAIL};
    for (size_t i = 0; i < sizeof barred / sizeof *barred; i++)
        assert_true(route_is_barred(barred[i]));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(route_is_barred(others[i]));
}

// One way will do; that something else is wrong is no word about it.
static void test_exists(void **state)
{
    (void)state;
    static const struct {
        int error_4, error_6, socket_error;
        bool out;
        unsigned called;
    } table[] = {
        {0, ENETUNREACH, 0, true, 1},
        {ENETUNREACH, 0, 0, true, 3},
        {ENETUNREACH, ENETUNREACH, 0, false, 3},
        {EADDRNOTAVAIL, EPERM, 0, false, 3},
        {EACCES, EADDRNOTAVAIL, 0, false, 3},
        {ENETUNREACH, ENOBUFS, 0, true, 3},
        {0, 0, EPERM, false, 0},
        {0, 0, EAFNOSUPPORT, false, 0},
        {0, 0, EMFILE, true, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        error_4 = table[i].error_4;
        error_6 = table[i].error_6;
        socket_error = table[i].socket_error;
        called = 0;
        if (route_exists() != table[i].out)
            fail_msg("row %zu", i);
        assert_int_equal(called, table[i].called);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_barred),
        cmocka_unit_test(test_exists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
