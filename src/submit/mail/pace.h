// SPDX-License-Identifier: ISC
// How many transactions may be under way at once: few at first, twice as many with each round
// that came back clean, like TCP's slow start. What is under way when a connection breaks is in
// doubt, so only a server that has shown itself well is trusted with much.
#ifndef SUBMIT_PACE_H
#define SUBMIT_PACE_H

#include <stdint.h>

#include "message/outcome.h"

enum { PACE_FIRST = 2 }; // one is sent while one is judged

struct pace {
    unsigned now;
    unsigned most;
};

// Never more than `most` (0 counts as 1), nor than the engine can hold.
void pace_init(struct pace *p, uint64_t most) __attribute__((nonnull));
// One transaction is over. Each that was accepted makes room for one more, so a full round
// doubles; one that was put off brings back the beginning. What is refused for good says
// nothing of the line.
void pace_take(struct pace *p, const struct outcome *o) __attribute__((nonnull));

#endif
