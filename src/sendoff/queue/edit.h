// SPDX-License-Identifier: ISC
// What a person does to messages in the queue, beside a pass that may be at work: each message
// is locked first, as for sending, so none is changed while it is sent; and what is said to be
// done has been synced.
#ifndef SENDOFF_EDIT_H
#define SENDOFF_EDIT_H

#include <stddef.h>

#include "config/config.h"

enum edit_verb {
    EDIT_HOLD,    // not to be tried until it is released
    EDIT_RELEASE, // off hold and due; a failed one goes back to the queue
    EDIT_RETRY,   // due now, whether it waits, is held or has failed
    EDIT_DELETE,
};

// Does it to the messages with these ids, or to all where the one id is "ALL": all that wait
// are held, all held and failed ones released, all that wait or have failed retried, all
// deleted. A line for each on stdout, a complaint on stderr for each that it could not be done
// to. 0; else the worst of EX_DATAERR (it can not be done to that message), EX_NOINPUT (no such
// message) and EX_TEMPFAIL (it is being sent now, or could not be synced).
int edit(const struct config *config, enum edit_verb verb, char *const *ids, size_t n,
         struct buf *why) __attribute__((nonnull, warn_unused_result));

#endif
