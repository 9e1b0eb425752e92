// SPDX-License-Identifier: ISC
// Waits for messages to arrive at the smarthost of the tests, whose log has a line for each
// that was accepted: "CONNECTION message NUMBER ...".
#ifndef BENCH_ARRIVAL_H
#define BENCH_ARRIVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arrivals {
    int fd;
    uint64_t n; // since the beginning
    size_t held;
    char line[64]; // the beginning of the line that is being read; its rest tells nothing
};

// From now on: what was logged before does not count. Ends the process where there is no `log`.
void arrivals_begin(struct arrivals *a, const char *log) __attribute__((nonnull));

// Waits until `n` have arrived, at most until `deadline` (tool_now). Whether they have.
bool arrivals_wait(struct arrivals *a, uint64_t n, int64_t deadline) __attribute__((nonnull));

void arrivals_end(struct arrivals *a) __attribute__((nonnull));

#endif
