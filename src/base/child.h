// SPDX-License-Identifier: ISC
// Starts another program and sees to its end.
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// Starts argv[0] (a path; PATH is not searched) with `in` as its descriptor 0 and `out` as its
// 1; stderr is inherited, everything else closes on exec. Signals are at their defaults and
// none is blocked there. Returns the process id, or -1 and errno; a program that can not be
// executed is such a failure too.
pid_t child_start(const char *const argv[], int in, int out)
    __attribute__((nonnull, warn_unused_result));

// Starts it in a session of its own, in "/", stdin and, unless `loud`, stdout and stderr being
// /dev/null; what it says goes to our stdout otherwise. Returns as child_start does.
pid_t child_start_apart(const char *const argv[], bool loud)
    __attribute__((nonnull, warn_unused_result));

// Starts it with the environment `env` in a session of its own and in the directory /: stdin is
// /dev/null, `out` is its stdout and `err` its stderr.
pid_t child_start_captured(const char *const argv[], const char *const env[], int out, int err)
    __attribute__((nonnull, warn_unused_result));

// Waits for its end until `deadline` (clock_steady). False where it goes on.
bool child_await(pid_t pid, int64_t deadline, int *status)
    __attribute__((nonnull, warn_unused_result));

// Lets go of all children that have ended. Only where nobody waits for one of them.
void child_reap(void);

// Waits until `deadline` (clock_steady), then kills it and waits on. Returns its wait status.
int child_end(pid_t pid, int64_t deadline);

#endif
