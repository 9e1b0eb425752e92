// SPDX-License-Identifier: ISC
// links: config
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "config/hosts.h"

static void words(void **state)
{
    static const struct {
        const char *word;
        bool good;
        const char *name;
        uint64_t port;
        bool srv;
    } table[] = {
        {"smtp.example.org", true, "smtp.example.org", 0, false},
        {"smtp.example.org:2525", true, "smtp.example.org", 2525, false},
        {"smtp.example.org:65535", true, "smtp.example.org", 65535, false},
        {"192.0.2.25", true, "192.0.2.25", 0, false},
        {"192.0.2.25:25", true, "192.0.2.25", 25, false},
        {"::1", true, "::1", 0, false},
        {"2001:db8::25:587", true, "2001:db8::25:587", 0, false},
        {"[::1]", true, "::1", 0, false},
        {"[::1]:587", true, "::1", 587, false},
        {"[fe80::1%eth0]:587", true, "fe80::1%eth0", 587, false},
        {"srv:example.org", true, "example.org", 0, true},
        {"SRV:example.org", true, "example.org", 0, true},
        {"srv", true, "srv", 0, false},
        {"srv:587", true, "srv", 587, false},
        {"srv.example.org:587", true, "srv.example.org", 587, false},
        {"", false, NULL, 0, false},
        {"srv:", false, NULL, 0, false},
        {":587", false, NULL, 0, false},
        {"a:", false, NULL, 0, false},
        {"a:0", false, NULL, 0, false},
        {"a:65536", false, NULL, 0, false},
        {"a:99999999999999999999", false, NULL, 0, false},
        {"a:58x", false, NULL, 0, false},
        {"a:-1", false, NULL, 0, false},
        {"[]", false, NULL, 0, false},
        {"[::1", false, NULL, 0, false},
        {"[]:587", false, NULL, 0, false},
        {"[::1]587", false, NULL, 0, false},
        {"[::1]:", false, NULL, 0, false},
        {"[::1]:x", false, NULL, 0, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct host h;
        bool good = hosts_parse(span_of(table[i].word), &h);
        if (good != table[i].good)
            fail_msg("%s: %d", table[i].word, good);
        if (good && (!span_equal(h.name, span_of(table[i].name)) || h.port != table[i].port ||
                     h.srv != table[i].srv))
            fail_msg("%s: %.*s %u %d", table[i].word, SPAN_ARGS(h.name), (unsigned)h.port,
                     h.srv);
    }
}

static void lists(void **state)
{
    struct span list = SPAN(" a.example  b.example:25\t[::1]:9 ");
    struct host h;
    (void)state;
    assert_int_equal(hosts_count(list), 3);
    assert_false(hosts_have_srv(list));
    assert_true(hosts_have_srv(SPAN("a srv:b")));
    assert_true(hosts_next(&list, &h));
    assert_true(span_equal(h.name, SPAN("a.example")) && h.port == 0);
    assert_true(hosts_next(&list, &h));
    assert_true(span_equal(h.name, SPAN("b.example")) && h.port == 25);
    assert_true(hosts_next(&list, &h));
    assert_true(span_equal(h.name, SPAN("::1")) && h.port == 9);
    assert_false(hosts_next(&list, &h));
    assert_int_equal(hosts_count(SPAN("")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words), cmocka_unit_test(lists)};
    return cmocka_run_group_tests_name("hosts", tests, NULL, NULL);
}
