// SPDX-License-Identifier: ISC
// links: submit
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "smtp/smtp.h"
#include "submit/mail/pace.h"

static void take(struct pace *p, enum verdict verdict, uint16_t code, unsigned times)
{
    struct outcome o = {.verdict = verdict, .code = code};
    while (times--)
        pace_take(p, &o);
}

static void test_bounds(void **state)
{
    static const struct {
        uint64_t most;
        unsigned first, last;
    } cases[] = {
        {0, 1, 1},
        {1, 1, 1},
        {2, 2, 2},
        {3, 2, 3},
        {20, 2, 20},
        {SMTP_DEPTH_MAX, 2, SMTP_DEPTH_MAX},
        {SMTP_DEPTH_MAX + 1, 2, SMTP_DEPTH_MAX},
        {UINT64_MAX, 2, SMTP_DEPTH_MAX},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pace p;
        pace_init(&p, cases[i].most);
        assert_int_equal(p.now, cases[i].first);
        take(&p, VERDICT_DELIVERED, 250, 1000);
        assert_int_equal(p.now, cases[i].last);
    }
}

static void test_rounds(void **state)
{
    (void)state;
    struct pace p;
    pace_init(&p, 16);
    for (unsigned depth = 2; depth < 16; depth *= 2) {
        assert_int_equal(p.now, depth);
        take(&p, VERDICT_DELIVERED, 250, depth);
    }
    assert_int_equal(p.now, 16);
}

static void test_trouble(void **state)
{
    (void)state;
    struct pace p;
    pace_init(&p, 16);
    take(&p, VERDICT_DELIVERED, 250, 10);
    take(&p, VERDICT_FAILED, 550, 1);
    assert_int_equal(p.now, 12);
    take(&p, VERDICT_DEFERRED, 0, 1); // each recipient had an answer of its own
    assert_int_equal(p.now, 12);
    take(&p, VERDICT_DEFERRED, 451, 1);
    assert_int_equal(p.now, 2);
    take(&p, VERDICT_DELIVERED, 250, 1);
    assert_int_equal(p.now, 3);
    pace_init(&p, 1);
    take(&p, VERDICT_DEFERRED, 451, 1);
    assert_int_equal(p.now, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_rounds),
        cmocka_unit_test(test_trouble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
