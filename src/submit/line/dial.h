// SPDX-License-Identifier: ISC
// From the account's hosts to a connection: targets.h says which host is next, race.h which of
// its addresses when; here are the sockets. It knows nothing of SMTP or TLS.
#ifndef SUBMIT_DIAL_H
#define SUBMIT_DIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "message/outcome.h"
#include "submit/line/reasons.h"
#include "submit/line/targets.h"
#include "submit/observer.h"
#include "submit/wait.h"

struct dial {
    int fd;               // connected, non-blocking; -1 where there is none
    bool loopback;        // the connected address is this machine's own
    struct target target; // the host that answered
    char relay[400];      // host[address]:port

    struct targets targets; // what is left to try
    int64_t left;           // milliseconds of timeout_connect
    struct reasons reasons; // why those before could not be used
    size_t told;            // how many of these the observer knows
};

enum dial_answer {
    DIAL_DONE,
    DIAL_FAILED, // *trouble says why
    DIAL_ENDED,  // sendoff is gone, or a signal asked for the end
};

// Begins with the account's hosts, which are borrowed. `known` is where the last session stood
// (`relay` of then), or "". The caller ends it with dial_close.
void dial_init(struct dial *d, const struct config_account *a, const char *known)
    __attribute__((nonnull));

// Connects to the next host that answers, from the account's source_address. All that takes
// timeout_connect at most, over all calls. Where no host is left, the trouble is that of all.
enum dial_answer dial_next(struct dial *d, struct wait *w, struct observer *observer,
                           struct outcome *trouble)
    __attribute__((nonnull, warn_unused_result));

// The connection was of no use, `why` tells; dial_next goes on with the next host.
void dial_drop(struct dial *d, const struct outcome *why) __attribute__((nonnull));

// Makes *trouble, which ended it all, tell of the hosts before, too.
void dial_tell(const struct dial *d, struct outcome *trouble) __attribute__((nonnull));

void dial_close(struct dial *d) __attribute__((nonnull));

#endif
