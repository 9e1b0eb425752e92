// SPDX-License-Identifier: ISC
// The race of race.h, run with sockets: the addresses of one host, of which the first that
// answers wins and the others are let go.
#ifndef SUBMIT_CONTEST_H
#define SUBMIT_CONTEST_H

#include <stdbool.h>
#include <stdint.h>

#include "message/outcome.h"
#include "submit/line/endpoint.h"
#include "submit/line/race.h"
#include "submit/line/resolve.h"
#include "submit/wait.h"

struct entrant {
    struct endpoint address;
    const struct endpoint *source; // what to connect from, NULL for the system's choice
    int fd;
    int error;    // what its connection came to; 0 while it is not known
    bool unbound; // which was that it can not have its source
};

struct contest {
    size_t n;
    struct entrant entrant[RACE_MOST]; // in the order in which they start
    struct endpoint source[ENDPOINT_SOURCES];
};

// Enters the addresses. Where there are sources, only those of their families. `known` is the
// text of the one that goes first, or "". The object must not be moved afterwards.
void contest_init(struct contest *c, const struct addresses *found,
                  const struct endpoint source[ENDPOINT_SOURCES], const char *known)
    __attribute__((nonnull));

enum contest_answer {
    CONTEST_WON,  // *fd is connected, non-blocking, and the caller's
    CONTEST_LOST, // contest_tell says why
    CONTEST_ENDED // sendoff is gone, or a signal asked for the end
};

enum contest_answer contest_run(struct contest *c, struct wait *w, int64_t deadline, int *fd)
    __attribute__((nonnull, warn_unused_result));

// What became of all that were tried, those with the same fate together.
void contest_tell(const struct contest *c, const char *host, uint16_t port,
                  struct outcome *trouble) __attribute__((nonnull));

#endif
