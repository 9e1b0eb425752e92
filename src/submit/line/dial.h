// SPDX-License-Identifier: ISC
// From a host's name to a connection. It knows addresses and sockets, nothing of SMTP or TLS.
#ifndef SUBMIT_DIAL_H
#define SUBMIT_DIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "message/outcome.h"
#include "submit/line/wait.h"
#include "submit/observer.h"

enum { DIAL_HOST_MAX = 255 }; // octets of a host's name (RFC 1035, 2.3.4)

struct dial {
    int fd;                       // connected, non-blocking; the caller closes it
    bool loopback;                // the connected address is this machine's own
    char host[DIAL_HOST_MAX + 1]; // the one of the account's hosts that answered
    char relay[400];              // host[address]:port, for the log
};

enum dial_answer {
    DIAL_DONE,
    DIAL_FAILED, // *trouble says why
    DIAL_ENDED,  // sendoff is gone, or a signal asked for the end
};

// Connects to the first of the account's hosts that answers, each address of each in turn, in
// timeout_connect altogether.
enum dial_answer dial(struct dial *d, const struct config_account *a, struct wait *w,
                      struct observer *observer, struct outcome *trouble)
    __attribute__((nonnull, warn_unused_result));

// The account's port, or what its tls key makes of 0.
uint16_t dial_port(const struct config_account *a) __attribute__((nonnull));

#endif
