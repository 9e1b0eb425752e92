// SPDX-License-Identifier: ISC
// links: submit
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "submit/line/resolve.h"
#include "unit/waiting.h"

// The text of an address is taken as it is; a deadline long past shows that nobody was asked.
static void literals(void **state)
{
    static const struct {
        const char *host, *address;
        int family;
    } cases[] = {
        {"127.0.0.1", "127.0.0.1", AF_INET},
        {"192.0.2.7", "192.0.2.7", AF_INET},
        {"::1", "::1", AF_INET6},
        {"[::1]", "::1", AF_INET6},
        {"[2001:db8::7]", "2001:db8::7", AF_INET6},
        {"[192.0.2.7]", "192.0.2.7", AF_INET},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct addresses found;
        struct outcome trouble = {0};
        char text[INET6_ADDRSTRLEN];
        assert_int_equal(resolve(&found, cases[i].host, 587, &w, 0, &trouble), RESOLVE_FOUND);
        assert_int_equal(found.n, 1);
        assert_int_equal(found.address[0].at.ss_family, cases[i].family);
        if (cases[i].family == AF_INET) {
            const struct sockaddr_in *v4 = (const void *)&found.address[0].at;
            inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
            assert_int_equal(ntohs(v4->sin_port), 587);
        } else {
            const struct sockaddr_in6 *v6 = (const void *)&found.address[0].at;
            inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text);
            assert_int_equal(ntohs(v6->sin6_port), 587);
        }
        assert_string_equal(text, cases[i].address);
    }
}

static void no_names(void **state)
{
    static char huge[300];
    const char *const cases[] = {"", "[]", huge};
    (void)state;
    memset(huge, 'x', sizeof huge - 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct addresses found;
        struct outcome trouble = {0};
        assert_int_equal(resolve(&found, cases[i], 587, &w, 0, &trouble), RESOLVE_FAILED);
        assert_int_equal(trouble.scope, SCOPE_SESSION);
        assert_int_equal(trouble.verdict, VERDICT_DEFERRED);
        assert_memory_equal(trouble.text, "DNS: ", 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals),
        cmocka_unit_test(no_names),
    };
    return cmocka_run_group_tests_name("resolve", tests, waiting_setup, waiting_teardown);
}
