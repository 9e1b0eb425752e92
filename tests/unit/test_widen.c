// SPDX-License-Identifier: ISC
// links: sendoff
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sendoff/pass/widen.h"

enum { START = 5000 };

static struct widen w;

// One period later, at which so many messages a second had their verdict on all lines.
static bool period(uint64_t a_second, size_t left, size_t lines)
{
    int64_t now = w.since + 2 * WIDEN_PERIOD;
    return widen_ask(&w, now, w.judged + a_second * 2 * WIDEN_PERIOD / 1000, left, lines);
}

static void begin(void)
{
    w = (struct widen){0};
    widen_begin(&w, START, 7);
}

static void test_not_before_anything_is_measured(void **state)
{
    (void)state;
    w = (struct widen){0};
    assert_false(widen_ask(&w, START, 0, 1000, 1));
    begin();
    assert_false(widen_ask(&w, START + WIDEN_PERIOD - 1, 7, 1000, 1));
    assert_true(widen_ask(&w, START + WIDEN_PERIOD, 7, 1000, 1));
}

static void test_what_pays(void **state)
{
    static const struct {
        uint64_t a_second;
        size_t left, lines;
        bool want;
    } rows[] = {
        {10, 1000, 1, true}, // 100 seconds' work
        {10, 31, 1, true},
        {10, 29, 1, false},                   // of about WIDEN_LONG
        {WIDEN_BRISK + 1, 1000000, 1, false}, // fast already
        {WIDEN_BRISK + 1, 1000000, 2, true},  // with two of them, it is not
        {0, 1000, 1, true},                   // nothing is answered at all
        {0, 1, 1, false},                     // and one message is under way only
        {10, 1000, 0, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin();
        if (period(rows[i].a_second, rows[i].left, rows[i].lines) != rows[i].want)
            fail_msg("row %zu", i);
    }
}

static void test_one_that_gains_nothing_is_the_last(void **state)
{
    (void)state;
    begin();
    assert_true(period(10, 1000, 1));
    assert_false(period(11, 1000, 2)); // less than a fifth
    assert_false(period(1, 1000, 2));  // that is not asked again
}

static void test_as_long_as_it_gains(void **state)
{
    (void)state;
    begin();
    assert_true(period(10, 1000, 1));
    assert_true(period(19, 1000, 2));
    assert_true(period(28, 1000, 3));
    assert_false(period(29, 1000, 4));
    assert_true(w.settled);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_not_before_anything_is_measured),
        cmocka_unit_test(test_what_pays),
        cmocka_unit_test(test_one_that_gains_nothing_is_the_last),
        cmocka_unit_test(test_as_long_as_it_gains),
    };
    return cmocka_run_group_tests_name("widen", tests, NULL, NULL);
}
