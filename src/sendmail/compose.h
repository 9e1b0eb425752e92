// SPDX-License-Identifier: ISC
// From a command line, or what a dialogue said, and a message's header to the envelope and the
// header that are stored.
#ifndef SENDMAIL_COMPOSE_H
#define SENDMAIL_COMPOSE_H

#include <stdint.h>

#include "message/envelope.h"
#include "message/header.h"
#include "sendmail/args.h"

// What composing needs to know besides.
struct compose {
    const struct args *args;
    const struct envelope *given; // what MAIL and RCPT said; NULL: the command line speaks
    const struct header *header;
    struct span domain;   // completes bare names; empty where none is known
    const char *aliases;  // the path of the aliases file, "" for none
    struct span local_to; // where local names go that are no alias; may be empty
    uint64_t max_recipients;
    int64_t now; // microseconds since 1970
};

// Fills the envelope and appends the header, with the blank line behind it, to *text. 0, or a
// status of sysexits(3) with the complaint in *why. Bare names stay bare where no domain is
// known.
int compose(const struct compose *c, struct envelope *e, struct buf *text, struct buf *why)
    __attribute__((nonnull, warn_unused_result));

#endif
