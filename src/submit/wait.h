// SPDX-License-Identifier: ISC
// The one place where the program waits. Whatever it waits for, three things end a wait: its
// deadline, sendoff's death (our pipe closes), and a signal that asks us to end in order. There
// is no alarm and no work in a signal handler: signals are a descriptor like the others.
#ifndef SUBMIT_WAIT_H
#define SUBMIT_WAIT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WAIT_MOST = 16 };

struct wait {
    int peer;        // the socket to sendoff, -1 where there is none
    int signals;     // SIGTERM, SIGINT and SIGHUP arrive here
    short ready;     // poll events of `peer` after the last wait
    int64_t stop_by; // when all must be over; INT64_MAX until a signal asked for it
};

enum wait_answer {
    WAIT_READY, // something of what was asked for
    WAIT_LATE,  // the deadline, or stop_by, has passed
    WAIT_STOP,  // a signal has just asked for the end; stop_by is set
    WAIT_GONE,  // sendoff is gone: end at once
};

// Takes the signals over. -1 and errno on failure.
int wait_init(struct wait *w, int peer) __attribute__((nonnull, warn_unused_result));

// Whether a signal has asked for the end.
bool wait_stopping(const struct wait *w) __attribute__((nonnull));

// Waits for `one` (its fd may be negative: then for nothing there) and for `events` on the
// socket to sendoff, until `deadline` (clock_steady) at most. Both revents are fresh after
// WAIT_READY and cleared otherwise.
enum wait_answer wait_for(struct wait *w, struct pollfd *one, short events, int64_t deadline)
    __attribute__((nonnull, warn_unused_result));
// The same for n descriptors in place of one, WAIT_MOST at most.
enum wait_answer wait_any(struct wait *w, struct pollfd *many, size_t n, short events,
                          int64_t deadline) __attribute__((nonnull, warn_unused_result));

#endif
