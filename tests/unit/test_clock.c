// SPDX-License-Identifier: ISC
// links: base
// wraps: clock_gettime
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/clock.h"

static struct timespec now;
static bool no_boottime;

int __wrap_clock_gettime(clockid_t which, struct timespec *t);
int __wrap_clock_gettime(clockid_t which, struct timespec *t)
{
    if (which != CLOCK_REALTIME && which != CLOCK_MONOTONIC && no_boottime) {
        errno = EINVAL;
        return -1;
    }
    *t = now;
    return 0;
}

static void test_units(void **state)
{
    (void)state;
    now = (struct timespec){.tv_sec = 1763818650, .tv_nsec = 123456789};
    assert_int_equal(clock_wall(), 1763818650123456);
    assert_int_equal(clock_steady(), 1763818650123);
    no_boottime = true;
    assert_int_equal(clock_steady(), 1763818650123);
    no_boottime = false;
}

static void test_local(void **state)
{
    (void)state;
    static const struct {
        const char *zone;
        int64_t seconds;
        int day, hour, minute, offset;
    } table[] = {
        {"UTC0", 1763818650, 22, 13, 37, 0},
        {"XXX-5:30", 1763818650, 22, 19, 7, 330},
        {"XXX3:30", 1763818650, 22, 10, 7, -210},
        {"XXX-14", 1763818650, 23, 3, 37, 840},
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1763818650, 22, 14, 37, 60},
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1753450650, 25, 15, 37, 120},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct tm local;
        int offset;
        setenv("TZ", table[i].zone, 1);
        clock_local(table[i].seconds, &local, &offset);
        assert_int_equal(local.tm_mday, table[i].day);
        assert_int_equal(local.tm_hour, table[i].hour);
        assert_int_equal(local.tm_min, table[i].minute);
        assert_int_equal(offset, table[i].offset);
    }
}

// A time that no calendar has is not an excuse to leave the result unset.
static void test_time_out_of_reach(void **state)
{
    (void)state;
    struct tm local = {.tm_mday = -77};
    int offset = -77;
    clock_local(INT64_MAX, &local, &offset);
    assert_int_equal(local.tm_mday, 1);
    assert_int_equal(offset, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_local),
        cmocka_unit_test(test_time_out_of_reach),
    };
    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
