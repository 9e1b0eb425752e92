// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "base/clock.h"

#ifndef CLOCK_BOOTTIME
#define CLOCK_BOOTTIME CLOCK_MONOTONIC
#endif

int64_t clock_wall(void)
{
    struct timespec t = {0, 0};
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * CLOCK_SECOND_US + t.tv_nsec / 1000;
}

int64_t clock_steady(void)
{
    struct timespec t = {0, 0};
    if (clock_gettime(CLOCK_BOOTTIME, &t))
        clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void clock_local(int64_t seconds, struct tm *local, int *offset)
{
    time_t t = (time_t)seconds;
    *offset = 0;
    tzset();
    if (localtime_r(&t, local))
        *offset = (int)(local->tm_gmtoff / 60);
    else if (!gmtime_r(&t, local))
        *local = (struct tm){.tm_mday = 1, .tm_year = 70, .tm_wday = 4};
}
