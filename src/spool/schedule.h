// SPDX-License-Identifier: ISC
// When a message is tried next. Pure: times are microseconds since 1970, pauses seconds.
// The next attempt is the file's mtime. A clock may jump, so a time that can not be right
// (later than any pause allows) counts as now: due early, never late.
#ifndef SPOOL_SCHEDULE_H
#define SPOOL_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

// Seconds that a message in doubt rests, however short the pauses are (HAZARDS 10).
enum { SCHEDULE_DOUBT = 15 * 60 };

struct schedule {
    uint64_t first;   // the pause after the first attempt
    uint64_t longest; // the longest pause
};

// The time of the next attempt, after `attempts` (from 1) that ended now: the first pause,
// doubled each time up to the longest, and up to a quarter of it more by `random` (any 32
// bits).
int64_t schedule_next(const struct schedule *s, int64_t now, unsigned attempts, uint32_t random)
    __attribute__((nonnull));

bool schedule_is_due(const struct schedule *s, int64_t next, int64_t now)
    __attribute__((nonnull));

#endif
