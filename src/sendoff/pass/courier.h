// SPDX-License-Identifier: ISC
// The other end of sendoff-submit: starts it, hands it jobs with their descriptors over a
// socket, and takes its outcomes as lines. It knows nothing of the spool; `sendoff flush` is
// tested with a script in place of sendoff-submit.
#ifndef SENDOFF_COURIER_H
#define SENDOFF_COURIER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "message/job.h"
#include "message/outcome.h"

enum {
    COURIER_OPEN_JOBS = 128,       // jobs in its hands at once, at most
    COURIER_SILENCE = 1200 * 1000, // milliseconds without a line before it is taken for hung
};

struct courier {
    pid_t pid;
    int socket;
    struct buf out;  // lines not sent yet
    struct buf in;   // octets that came
    size_t taken;    // how many of them were read as lines
    int signals;     // where a request to end shows (base/signals.h); the caller's
    int64_t stop_by; // when all must be over (clock_steady); INT64_MAX until one came
    bool greeted;    // it has answered with its hello
    bool deaf;       // it takes no more
    bool ended;      // it has closed its end
};

enum courier_answer {
    COURIER_EVENT,  // *event was set
    COURIER_ENDED,  // it is gone; what had no outcome yet will have none
    COURIER_BROKEN, // it is gone, and what it said last was not of the protocol
};

// Starts the program for one account of the config file at `path`. A request to end that shows
// on `signals` is passed on to it. 0, or -1 and errno. The caller ends it with courier_stop in
// either case.
int courier_start(struct courier *c, const char *path, const char *account, bool verbose,
                  int signals) __attribute__((nonnull, warn_unused_result));

// Hands over a job and, with it, its message's descriptor, which stays the caller's. 0, or -1
// and errno where the courier is gone. Outcomes that come meanwhile are kept for courier_next.
int courier_send(struct courier *c, const struct job *job, int fd)
    __attribute__((nonnull, warn_unused_result));
// Says that there are no more jobs. A courier that is gone shows in courier_next.
void courier_finish(struct courier *c) __attribute__((nonnull));

// Whether a request to end has come: nothing new is to be begun.
bool courier_is_stopping(const struct courier *c) __attribute__((nonnull));

// The next event, as which kind of line it came in *line; waits for it.
enum courier_answer courier_next(struct courier *c, enum outcome_line *line,
                                 struct outcome_event *event)
    __attribute__((nonnull, warn_unused_result));
// Whether courier_next would answer at once, from what has been read already.
bool courier_has_next(const struct courier *c) __attribute__((nonnull));

// Closes the socket, which ends the program, and waits for that. Returns its wait status, or -1
// where it never ran.
int courier_stop(struct courier *c) __attribute__((nonnull));

#endif
