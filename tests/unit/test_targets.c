// SPDX-License-Identifier: ISC
// links: submit
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "submit/line/targets.h"
#include "unit/waiting.h"

static struct config_account account(const char *hosts)
{
    static char text[512];
    snprintf(text, sizeof text, "%s", hosts);
    return (struct config_account){.host = text};
}

// All of them, as "host:port ...".
static void walk(struct targets *t, struct buf *to)
{
    struct target target;
    struct outcome trouble;
    while (targets_next(t, &target, &w, 0, &trouble) == TARGETS_NEXT) {
        buf_printf(to, "%s%s:%u", to->n ? " " : "", target.host, (unsigned)target.port);
        assert_string_equal(target.name, target.host);
        assert_string_equal(target.also, "");
    }
}

static void in_turn(void **state)
{
    static const struct {
        const char *hosts, *known, *want;
    } table[] = {
        {"a", "", "a:587"},
        {"a b:25 [::1]:9 ::2", "", "a:587 b:25 ::1:9 ::2:587"},
        {"a b c", "b[192.0.2.1]:587", "b:587 a:587 c:587"},
        {"a b c", "B[192.0.2.1]:587", "b:587 a:587 c:587"},
        {"a b c", "a[192.0.2.1]:587", "a:587 b:587 c:587"},
        {"a b:25", "b[192.0.2.1]:587", "a:587 b:25"},
        {"a b:25", "b[192.0.2.1]:25", "b:25 a:587"},
        {"a b b", "b[192.0.2.1]:587", "b:587 a:587"},
        {"a b", "gone[192.0.2.1]:587", "a:587 b:587"},
        {"a b", "b", "a:587 b:587"},
        {"a b", "b[", "a:587 b:587"},
        {"a b", "b[1]", "a:587 b:587"},
        {"a b", "b[1]:", "a:587 b:587"},
        {"a b", "b[1]:x", "a:587 b:587"},
        {"a b", "b[1]:99999", "a:587 b:587"},
        {"a ::1", "::1[::1]:587", "::1:587 a:587"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct config_account a = account(table[i].hosts);
        struct targets t;
        struct buf got = BUF_INIT(1024);
        targets_init(&t, &a, table[i].known);
        assert_int_equal(targets_left(&t), hosts_count(span_of(a.host)));
        walk(&t, &got);
        if (strcmp(buf_str(&got), table[i].want) != 0)
            fail_msg("%s, %s known: %s", table[i].hosts, table[i].known, buf_str(&got));
        buf_free(&got);
        assert_true(targets_are_used_up(&t));
    }
}

static void used_up(void **state)
{
    struct config_account a = account("a b");
    struct targets t;
    struct target target;
    struct outcome trouble;
    (void)state;
    targets_init(&t, &a, "b[192.0.2.1]:587");
    assert_false(targets_are_used_up(&t));
    assert_int_equal(targets_next(&t, &target, &w, 0, &trouble), TARGETS_NEXT);
    assert_false(targets_are_used_up(&t));
    assert_int_equal(targets_next(&t, &target, &w, 0, &trouble), TARGETS_NEXT);
    // b is left over, but had its turn.
    assert_true(targets_are_used_up(&t));
    assert_int_equal(targets_next(&t, &target, &w, 0, &trouble), TARGETS_NONE);
    a = account("");
    targets_init(&t, &a, "");
    assert_true(targets_are_used_up(&t));
}

static void fill(struct targets *t, const char *domain)
{
    snprintf(t->domain, sizeof t->domain, "%s", domain);
    t->found = (struct srv_list){
        .n = 3,
        .record = {{.port = 465, .implicit = true, .target = "Smtp.Example.org"},
                   {.port = 587, .target = "mx.provider.example"},
                   {.port = 26, .target = "example.org"}}};
}

// What DNS names is believed for a name within the domain only.
static void names(void **state)
{
    static const struct {
        const char *host, *name, *also;
        unsigned port;
        enum config_tls tls;
    } want[] = {
        {"Smtp.Example.org", "Smtp.Example.org", "example.org", 465, TLS_IMPLICIT},
        {"mx.provider.example", "example.org", "", 587, TLS_STARTTLS},
        {"example.org", "example.org", "example.org", 26, TLS_STARTTLS},
    };
    struct config_account a = account("");
    struct targets t;
    (void)state;
    targets_init(&t, &a, "");
    fill(&t, "example.org");
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        struct target target;
        struct outcome trouble;
        assert_int_equal(targets_left(&t), 3 - i);
        assert_int_equal(targets_next(&t, &target, &w, 0, &trouble), TARGETS_NEXT);
        assert_string_equal(target.host, want[i].host);
        assert_string_equal(target.name, want[i].name);
        assert_string_equal(target.also, want[i].also);
        assert_int_equal(target.port, want[i].port);
        assert_int_equal(target.tls, want[i].tls);
    }
    assert_true(targets_are_used_up(&t));
}

static void asks(void **state)
{
    struct config_account a = account("a srv:b.example");
    struct targets t;
    struct target target;
    struct outcome trouble;
    (void)state;
    targets_init(&t, &a, "");
    assert_false(targets_asks(&t));
    assert_int_equal(targets_next(&t, &target, &w, 0, &trouble), TARGETS_NEXT);
    assert_true(targets_asks(&t));
    assert_false(targets_are_used_up(&t));
}

static void ports(void **state)
{
    static const struct {
        enum config_tls tls;
        uint64_t port;
        unsigned want;
    } table[] = {
        {TLS_STARTTLS, 0, 587},
        {TLS_IMPLICIT, 0, 465},
        {TLS_NONE, 0, 587},
        {TLS_IMPLICIT, 2525, 2525},
    };
    uint16_t list[HOSTS_MOST + 1];
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(
            targets_port(&(struct config_account){.tls = table[i].tls, .port = table[i].port}),
            table[i].want);
    struct config_account a = account("a b:25 [::1]:26");
    assert_true(targets_ports(&a, list));
    assert_true(list[0] == 587 && list[1] == 25 && list[2] == 26 && list[3] == 0);
    a = account("a srv:b");
    assert_false(targets_ports(&a, list));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_turn), cmocka_unit_test(used_up), cmocka_unit_test(names),
        cmocka_unit_test(asks),    cmocka_unit_test(ports),
    };
    return cmocka_run_group_tests_name("targets", tests, waiting_setup, waiting_teardown);
}
