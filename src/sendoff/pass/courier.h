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
    COURIER_MOST = 16,             // that are waited for together
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
    int64_t heard;   // when it was last heard, or spoken to (clock_steady)
    bool greeted;    // it has answered with its hello
    bool deaf;       // it takes no more
    bool ended;      // it has closed its end
    bool hung;       // its time is over
};

enum courier_answer {
    COURIER_EVENT,  // *event was set
    COURIER_LATER,  // there is none yet
    COURIER_ENDED,  // it is gone; what had no outcome yet will have none
    COURIER_BROKEN, // it is gone, and what it said last was not of the protocol
};

// What it is started with. All is borrowed, and only for the call.
struct courier_order {
    const char *config; // its path
    const char *account;
    const char *relay; // where the last session stood, or ""
    unsigned stumbles; // what its server does badly (message/stumble.h)
    bool verbose;
    bool progress; // it is to tell how much of a body has gone out
    int signals;   // where a request to end shows, which is passed on to it
};

// Starts the program. 0, or -1 and errno. The caller ends it with courier_stop in either case.
int courier_start(struct courier *c, const struct courier_order *o)
    __attribute__((nonnull, warn_unused_result));

// Hands over a job and, with it, its message's descriptor, which stays the caller's. 0, or -1
// and errno where the courier is gone. Outcomes that come meanwhile are kept for courier_next.
int courier_send(struct courier *c, const struct job *job, int fd)
    __attribute__((nonnull, warn_unused_result));
// Says that there are no more jobs. A courier that is gone shows in courier_next.
void courier_finish(struct courier *c) __attribute__((nonnull));

// Asks it to end what is in flight; done already where the request showed while it was waited
// for, or handed a job.
void courier_interrupt(struct courier *c) __attribute__((nonnull));
// Whether a request to end has come: nothing new is to be begun.
bool courier_is_stopping(const struct courier *c) __attribute__((nonnull));

// The next event that is here, and in *line the kind of line it came as; never waits.
enum courier_answer courier_next(struct courier *c, enum outcome_line *line,
                                 struct outcome_event *event)
    __attribute__((nonnull, warn_unused_result));
// Waits until one of n couriers, at most COURIER_MOST, says something, or is gone or hung; for
// at most so many milliseconds, or, where that is -1, as long as it takes. What was read
// already is to be taken first.
void courier_wait(struct courier *const *list, size_t n, int milliseconds)
    __attribute__((nonnull));

// Closes the socket, which ends the program, and waits for that. Returns its wait status, or -1
// where it never ran.
int courier_stop(struct courier *c) __attribute__((nonnull));

#endif
