// SPDX-License-Identifier: ISC
// links: spool
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "spool/schedule.h"

static const int64_t now = 1763818650123456, second = 1000000;
static const struct schedule usual = {.first = 60, .longest = 4 * 3600};

static void test_pauses_double(void **state)
{
    (void)state;
    static const int64_t pauses[] = {60,   60,   120,  240,   480,   960,
                                     1920, 3840, 7680, 14400, 14400, 14400};
    for (unsigned i = 0; i < sizeof pauses / sizeof *pauses; i++) {
        assert_int_equal(schedule_next(&usual, now, i, 0), now + pauses[i] * second);
        int64_t latest = schedule_next(&usual, now, i, UINT32_MAX) - now;
        assert_true(latest > pauses[i] * second * 5 / 4 - second);
        assert_true(latest <= pauses[i] * second * 5 / 4);
    }
    assert_int_equal(schedule_next(&usual, now, 99999, 0), now + 14400 * second);
}

static void test_odd_settings(void **state)
{
    (void)state;
    static const struct schedule reversed = {.first = 3600, .longest = 60};
    static const struct schedule nothing = {0};
    static const struct schedule longest = {.first = 1, .longest = 10000000000};
    assert_int_equal(schedule_next(&reversed, now, 1, 0), now + 60 * second);
    assert_int_equal(schedule_next(&reversed, now, 9, 0), now + 60 * second);
    assert_int_equal(schedule_next(&nothing, now, 99999, UINT32_MAX), now);
    assert_true(schedule_next(&longest, now, 99999, UINT32_MAX) > now);
}

static void test_due(void **state)
{
    (void)state;
    assert_true(schedule_is_due(&usual, now, now));
    assert_true(schedule_is_due(&usual, now - 1, now));
    assert_true(schedule_is_due(&usual, 0, now));
    assert_false(schedule_is_due(&usual, now + 1, now));
    assert_false(schedule_is_due(&usual, now + 4 * 3600 * second, now));
}

// HAZARDS 25: a time that no pause explains counts as now.
static void test_the_clock_jumped(void **state)
{
    (void)state;
    assert_true(schedule_is_due(&usual, now + 6 * 3600 * second, now));
    assert_true(schedule_is_due(&usual, now + 365 * 24 * 3600 * second, now));
    assert_true(schedule_is_due(&usual, INT64_MAX, now));
    assert_true(schedule_is_due(&usual, INT64_MAX, 0));
}

// Whatever the settings: what the schedule sets is waited for.
static void test_no_pause_is_cut(void **state)
{
    (void)state;
    static const uint64_t settings[] = {1, 60, 600, 3600, 86400, 10000000};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        struct schedule s = {.first = 60, .longest = settings[i]};
        for (unsigned attempts = 1; attempts < 30; attempts++) {
            int64_t next = schedule_next(&s, now, attempts, UINT32_MAX);
            assert_false(schedule_is_due(&s, next, now));
            assert_true(schedule_is_due(&s, next, next));
        }
        assert_false(schedule_is_due(&s, now + SCHEDULE_DOUBT * second, now));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pauses_double),
        cmocka_unit_test(test_odd_settings),
        cmocka_unit_test(test_due),
        cmocka_unit_test(test_the_clock_jumped),
        cmocka_unit_test(test_no_pause_is_cut),
    };
    return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
