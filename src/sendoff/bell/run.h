// SPDX-License-Identifier: ISC
// `sendoff run`: stays, listens to the bell and keeps the schedule, where no service manager
// does; it may be process 1 of a container. Its other forms end: `--once`, `--drain TIME` and
// `--bell`. It speaks with nobody and reads no message; each pass is a process of its own, and
// so is the drop, which it keeps where it is root's.
#ifndef SENDOFF_RUN_H
#define SENDOFF_RUN_H

#include "sendoff/call.h"

enum {
    RUN_PAUSE = 1000,      // milliseconds from one pass's beginning to the next one's, at least
    RUN_IDLE = 300 * 1000, // from a pass's end to the next one, at most
    RUN_UNHEARD = 60 * 1000, // the same where there is no bell, or no line
    RUN_LINGER = 10 * 1000   // that a bell which is kept for us goes on being heard in silence
};

// A status of sysexits(3).
int run_command(struct call *call) __attribute__((nonnull));

#endif
