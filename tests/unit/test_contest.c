// SPDX-License-Identifier: ISC
// links: submit
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "submit/line/contest.h"
#include "submit/trouble.h"

static const struct endpoint none[ENDPOINT_SOURCES];

static void add(struct addresses *found, const char *text)
{
    struct addresses one;
    assert_true(resolve_literal(&one, text, 587));
    found->address[found->n++] = one.address[0];
}

static void expect_entrants(const struct contest *c, const char *want)
{
    struct buf got = BUF_INIT(1024);
    for (size_t i = 0; i < c->n; i++) {
        buf_puts(&got, i ? " " : "");
        endpoint_put(&got, &c->entrant[i].address);
    }
    assert_string_equal(buf_str(&got), want);
    buf_free(&got);
}

static void entrants(void **state)
{
    static const struct {
        const char *source, *known, *want;
    } table[] = {
        {"", "", "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2"},
        {"", "192.0.2.2", "192.0.2.2 2001:db8::1 192.0.2.1 2001:db8::2"},
        {"", "192.0.2.9", "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2"},
        {"192.0.2.7", "", "192.0.2.1 192.0.2.2"},
        {"192.0.2.7", "192.0.2.2", "192.0.2.2 192.0.2.1"},
        {"2001:db8::7", "192.0.2.2", "2001:db8::1 2001:db8::2"},
        {"::7 192.0.2.7", "", "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2"},
    };
    struct addresses found = {0};
    (void)state;
    add(&found, "2001:db8::1");
    add(&found, "2001:db8::2");
    add(&found, "192.0.2.1");
    add(&found, "192.0.2.2");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct endpoint source[ENDPOINT_SOURCES];
        struct contest c;
        assert_true(endpoint_sources(source, span_of(table[i].source)));
        contest_init(&c, &found, source, table[i].known);
        expect_entrants(&c, table[i].want);
        for (size_t j = 0; j < c.n; j++)
            assert_int_equal(c.entrant[j].source != NULL, table[i].source[0] != '\0');
    }
}

static void sources(void **state)
{
    static const char *const bad[] = {"x", "192.0.2.7 y", "192.0.2.7 ::1 ::2", "1.2.3"};
    struct endpoint source[ENDPOINT_SOURCES];
    (void)state;
    assert_true(endpoint_sources(source, SPAN("")));
    assert_true(!source[0].length && !source[1].length);
    for (size_t i = 0; i + 1 < sizeof bad / sizeof *bad; i++)
        assert_false(endpoint_sources(source, span_of(bad[i])));
}

static void loopback(void **state)
{
    static const struct {
        const char *text;
        bool is;
    } table[] = {
        {"127.0.0.1", true},
        {"127.255.255.254", true},
        {"128.0.0.1", false},
        {"192.0.2.1", false},
        {"::1", true},
        {"::2", false},
        {"::ffff:127.0.0.1", true},
        {"::ffff:192.0.2.1", false},
        {"2001:db8::1", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct addresses found = {0};
        add(&found, table[i].text);
        assert_int_equal(endpoint_is_loopback(&found.address[0]), table[i].is);
    }
    assert_false(endpoint_is_loopback(&none[0]));
}

static void fates(void **state)
{
    static const struct {
        int error[3]; // 0: it was never tried
        bool unbound;
        enum trouble_kind kind;
        const char *want;
    } table[] = {
        {{ECONNREFUSED, 0, 0},
         false,
         TROUBLE_CONNECT,
         "connect to h[2001:db8::1]:25: Connection refused"},
        {{ECONNREFUSED, ECONNREFUSED, 0},
         false,
         TROUBLE_CONNECT,
         "connect to h[2001:db8::1], [192.0.2.1]:25: Connection refused"},
        {{ECONNREFUSED, ETIMEDOUT, ECONNREFUSED},
         false,
         TROUBLE_CONNECT,
         "connect to h[2001:db8::1], [192.0.2.2]:25: Connection refused; "
         "[192.0.2.1]:25: Connection timed out"},
        {{ENETUNREACH, ECONNREFUSED, 0},
         false,
         TROUBLE_CONNECT,
         "connect to h[192.0.2.1]:25: Connection refused"},
        {{ENETUNREACH, EPERM, 0},
         false,
         TROUBLE_ROUTE,
         "connect to h[2001:db8::1]:25: Network is unreachable; "
         "[192.0.2.1]:25: Operation not permitted"},
        {{EADDRNOTAVAIL, 0, 0},
         true,
         TROUBLE_CONNECT,
         "connect to h[2001:db8::1]:25: source_address: Cannot assign requested address"},
    };
    struct addresses found = {0};
    (void)state;
    add(&found, "2001:db8::1");
    add(&found, "192.0.2.1");
    add(&found, "192.0.2.2");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct contest c;
        struct outcome trouble;
        contest_init(&c, &found, none, "");
        expect_entrants(&c, "2001:db8::1 192.0.2.1 192.0.2.2");
        for (size_t j = 0; j < 3; j++)
            c.entrant[j].error = table[i].error[j];
        c.entrant[0].unbound = table[i].unbound;
        contest_tell(&c, "h", 25, &trouble);
        assert_string_equal(trouble.text, table[i].want);
        assert_true(trouble_is(&trouble, table[i].kind));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entrants),
        cmocka_unit_test(sources),
        cmocka_unit_test(loopback),
        cmocka_unit_test(fates),
    };
    return cmocka_run_group_tests_name("contest", tests, NULL, NULL);
}
