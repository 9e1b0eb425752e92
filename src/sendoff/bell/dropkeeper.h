// SPDX-License-Identifier: ISC
// Keeps `sendoff drop` going, as a process of its own beside `sendoff run`: one that ended is
// started again after a while, and one whose keeper was killed ends by itself.
#ifndef SENDOFF_DROPKEEPER_H
#define SENDOFF_DROPKEEPER_H

#include <stdint.h>
#include <sys/types.h>

struct dropkeeper {
    pid_t pid;  // 0 where there is none
    int leash;  // the end of its stdin, which it ends with: only the keeper may have this open
    int64_t at; // clock_steady: when to start it; INT64_MAX for never
};

#define DROPKEEPER_NONE ((struct dropkeeper){0, -1, INT64_MAX})

// Starts it. Failure is logged, and then it is time again after a while.
void dropkeeper_start(struct dropkeeper *k) __attribute__((nonnull));
// Sends it a signal, where it is there.
void dropkeeper_signal(const struct dropkeeper *k, int sig) __attribute__((nonnull));
// After its end was waited for: plans the next start.
void dropkeeper_ended(struct dropkeeper *k) __attribute__((nonnull));

#endif
