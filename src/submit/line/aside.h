// SPDX-License-Identifier: ISC
// Calls of libc that know no deadline and can not be broken off, the resolver's: each runs in a
// thread that is left behind when time is up.
#ifndef SUBMIT_ASIDE_H
#define SUBMIT_ASIDE_H

#include <stdint.h>

#include "submit/wait.h"

enum aside_answer {
    ASIDE_DONE,   // work has come to its end
    ASIDE_LATE,   // the deadline has passed
    ASIDE_ENDED,  // sendoff is gone, or a signal asked for the end
    ASIDE_TROUBLE // there was no thread to be had; errno
};

struct aside {
    void (*work)(void *context); // in the thread
    void (*drop)(void *context); // frees the context and what work has left in it
};

// Has `job` done with the context, which is from malloc. After ASIDE_DONE it is the caller's to
// drop; otherwise it is dropped, at once or by the thread when that comes to its end.
enum aside_answer aside(const struct aside *job, void *context, struct wait *w,
                        int64_t deadline) __attribute__((nonnull, warn_unused_result));

#endif
