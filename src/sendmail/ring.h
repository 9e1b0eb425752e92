// SPDX-License-Identifier: ISC
// What follows once a message is durable, so that the queue moves: a ring at the bell of
// whoever listens, a flush that is started and left alone, one attempt that is waited for, or
// nothing. None of it changes what the caller is told of the message.
#ifndef SENDMAIL_RING_H
#define SENDMAIL_RING_H

#include "config/config.h"
#include "sendmail/args.h"

enum ring_answer {
    RING_HEARD,   // somebody listens
    RING_STARTED, // nobody does, and a flush was started, apart from us
    RING_NOBODY,  // nobody does, and the user may not flush: a timer will
};

// Rings, and waits for nothing. What it starts has its own session, "/" as its directory,
// /dev/null as its stdin, stdout and stderr and no other descriptor, all signals at their
// defaults and none blocked, and its soft limits at the hard ones (HAZARDS 16).
enum ring_answer ring(const struct config *config) __attribute__((nonnull));

// What the command line and `deliver` ask for, after the message `id` was queued.
void ring_after(const struct args *args, const struct config *config, const char *id)
    __attribute__((nonnull));

#endif
