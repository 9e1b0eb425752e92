// SPDX-License-Identifier: ISC
// What time it is. Pure code never asks: it is given the time as an argument.
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

enum { CLOCK_SECOND_US = 1000000 };

// Wall clock, microseconds since 1970. It may jump either way.
int64_t clock_wall(void);

// Milliseconds of a clock that never jumps and counts suspended time (CLOCK_BOOTTIME where
// there is one). Deadlines are points on it.
int64_t clock_steady(void);

// Local time of `seconds` since 1970, and how many minutes it is ahead of UTC (RFC 5322, 3.3).
// Falls back to UTC where the zone is unknown.
void clock_local(int64_t seconds, struct tm *local, int *offset) __attribute__((nonnull));

#endif
