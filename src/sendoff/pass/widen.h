// SPDX-License-Identifier: ISC
// Whether one more connection would pay: only where the server is slow to answer or far away,
// what waits would take long at the pace that was measured, and the last one that was added
// made it faster. Pure: time and counts are given.
#ifndef SENDOFF_WIDEN_H
#define SENDOFF_WIDEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WIDEN_PERIOD = 1500, // milliseconds that are measured; slow start is over by then
    WIDEN_BRISK = 200,   // messages a second on one connection: another would gain little
    WIDEN_LONG = 3,      // seconds of work left that are worth a connection
};

struct widen {
    int64_t since;   // milliseconds; 0: nothing is measured yet
    uint64_t judged; // messages, at that time
    uint64_t before; // a thousand seconds' messages with one connection less; 0: none was added
    bool settled;    // there is no more to gain
};

// Measures from now on: a connection was added, or one is gone.
void widen_begin(struct widen *w, int64_t now, uint64_t judged) __attribute__((nonnull));
// Asked as often as one likes: `judged` messages have their verdict, `left` wait, `lines`
// connections stand. True where another one is to be tried; then widen_begin once it stands.
bool widen_ask(struct widen *w, int64_t now, uint64_t judged, size_t left, size_t lines)
    __attribute__((nonnull, warn_unused_result));

#endif
