// SPDX-License-Identifier: ISC
// Whom a report goes to: the sender of the message, if he can be written to and the sender
// policy would let that address send; else bounce_to (sendoff.conf(5), HAZARDS 29). So nobody
// can have reports sent to a stranger by claiming to be him.
#ifndef SENDOFF_ADDRESSEE_H
#define SENDOFF_ADDRESSEE_H

#include <stdbool.h>

#include "base/buf.h"
#include "config/config.h"
#include "message/envelope.h"

struct addressee {
    const struct config *config;
    const struct config_account *account;
    struct span domain; // ours; empty where none is known
    struct span login;  // of the user whose spool it is
    struct span host;   // for the policy's %h
};

// Adds to the empty envelope *to whom a report on mail from `sender` goes to, all of them with
// a domain. False where that is nobody.
bool addressee_find(const struct addressee *a, struct span sender, struct envelope *to)
    __attribute__((nonnull, warn_unused_result));

// The same for what is about the mail of several senders: bounce_to, else the spool's user.
bool addressee_user(const struct addressee *a, struct envelope *to)
    __attribute__((nonnull, warn_unused_result));

#endif
