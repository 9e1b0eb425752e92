// SPDX-License-Identifier: ISC
// One pass in a process of its own, for a program that has to hear bells and signals meanwhile,
// and that no message, config or leak may bring down.
#ifndef SENDOFF_ROUND_H
#define SENDOFF_ROUND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sendoff/pass/flush.h"

struct round_report {
    int status;    // of flush(); EX_SOFTWARE where the process did not end as it should
    bool busy;     // another flush was at work
    bool trouble;  // no session was to be had, or it ended early
    bool refused;  // and that was the login: to try on would lock the account
    uint64_t left; // messages that still wait
    int64_t next;  // when there is something to do again (duetime.h), where it was asked for
};

struct round {
    pid_t pid; // 0 where there is none
    int pipe;  // what it reports on
};

#define ROUND_NONE ((struct round){0, -1})

// Begins a pass; `plan`: it also finds out what is next. The process closes the n descriptors
// of *inherited, which are the caller's own. 0, or -1 and errno. Its end shows by SIGCHLD; the
// caller waits for it.
int round_begin(struct round *r, const struct config *config,
                const struct flush_options *options, bool plan, const int *inherited, size_t n)
    __attribute__((nonnull, warn_unused_result));
// After it has ended with this wait status: what it reported.
struct round_report round_end(struct round *r, int status) __attribute__((nonnull));

#endif
