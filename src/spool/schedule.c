// SPDX-License-Identifier: ISC
#include "spool/schedule.h"

enum { SECOND = 1000000 };

static uint64_t pause_after(const struct schedule *s, unsigned attempts)
{
    uint64_t pause = s->first;
    for (unsigned i = 1; i < attempts && pause < s->longest; i++)
        pause *= 2;
    return pause < s->longest ? pause : s->longest;
}

int64_t schedule_next(const struct schedule *s, int64_t now, unsigned attempts, uint32_t random)
{
    uint64_t pause = pause_after(s, attempts) * SECOND;
    uint64_t jitter = pause / 4 * (random & 0xffff) / 0x10000;
    return now + (int64_t)(pause + jitter);
}

bool schedule_is_due(const struct schedule *s, int64_t next, int64_t now)
{
    // A pause at its longest with all its jitter, or the rest after a doubt, is the furthest
    // that any message waits.
    uint64_t furthest = s->longest + s->longest / 4;
    if (furthest < SCHEDULE_DOUBT)
        furthest = SCHEDULE_DOUBT;
    return next <= now || (uint64_t)(next - now) > (furthest + 1) * SECOND;
}
