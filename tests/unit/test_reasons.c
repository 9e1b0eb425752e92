// SPDX-License-Identifier: ISC
// links: submit
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "submit/line/reasons.h"
#include "submit/trouble.h"

static void add(struct reasons *r, enum trouble_kind kind, const char *text)
{
    struct outcome o;
    trouble_set(&o, kind, "%s", text);
    reasons_add(r, &o);
}

static void none(void **state)
{
    struct reasons r = {0};
    struct outcome o = {.text = "as it was"};
    (void)state;
    reasons_tell(&r, &o);
    assert_string_equal(o.text, "as it was");
}

static void some(void **state)
{
    struct reasons r = {0};
    struct outcome o;
    (void)state;
    add(&r, TROUBLE_DNS, "DNS: a: unknown");
    reasons_tell(&r, &o);
    assert_string_equal(o.text, "DNS: a: unknown");
    assert_true(trouble_is(&o, TROUBLE_DNS));
    add(&r, TROUBLE_ROUTE, "connect to b: no way");
    add(&r, TROUBLE_CONNECT, "connect to c: refused");
    reasons_tell(&r, &o);
    assert_string_equal(o.text, "DNS: a: unknown; connect to c: refused");
    assert_true(trouble_is(&o, TROUBLE_CONNECT));
    assert_int_equal(o.verdict, VERDICT_DEFERRED);
    assert_int_equal(o.scope, SCOPE_SESSION);
}

// That nothing gets out is told once, and stays what it is: nothing is to be remembered of it.
static void no_way(void **state)
{
    struct reasons r = {0};
    struct outcome o;
    (void)state;
    add(&r, TROUBLE_ROUTE, "connect to a: no way");
    add(&r, TROUBLE_ROUTE, "connect to b: no way");
    reasons_tell(&r, &o);
    assert_string_equal(o.text, "connect to b: no way");
    assert_true(trouble_is(&o, TROUBLE_ROUTE));
}

// Each has its share, and short ones leave theirs to long ones.
static void bounded(void **state)
{
    struct reasons r = {0};
    struct outcome o;
    char longer[OUTCOME_TEXT_MAX + 1];
    (void)state;
    memset(longer, 'x', OUTCOME_TEXT_MAX);
    longer[OUTCOME_TEXT_MAX] = '\0';
    add(&r, TROUBLE_CONNECT, "short");
    add(&r, TROUBLE_CONNECT, longer);
    reasons_tell(&r, &o);
    assert_int_equal(strlen(o.text), OUTCOME_TEXT_MAX);
    assert_memory_equal(o.text, "short; xxx", 10);
    assert_string_equal(o.text + OUTCOME_TEXT_MAX - 4, "x...");
    for (size_t n = 3; n < 20; n++) {
        add(&r, TROUBLE_CONNECT, longer);
        reasons_tell(&r, &o);
        assert_in_range(strlen(o.text), OUTCOME_TEXT_MAX - REASONS_MOST, OUTCOME_TEXT_MAX);
        assert_string_equal(o.text + strlen(o.text) - 4, "x...");
    }
    add(&r, TROUBLE_TLS, "the last");
    reasons_tell(&r, &o);
    assert_string_equal(o.text + strlen(o.text) - 10, "; the last");
    assert_int_equal(r.n, REASONS_MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none),
        cmocka_unit_test(some),
        cmocka_unit_test(no_way),
        cmocka_unit_test(bounded),
    };
    return cmocka_run_group_tests_name("reasons", tests, NULL, NULL);
}
