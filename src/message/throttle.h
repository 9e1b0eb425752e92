// SPDX-License-Identifier: ISC
// Replies by which a server says that it is given too much: what of, as far as its words tell.
// There is no code for that alone (421, 450 to 454 and 432 are all used), so the text is read.
#ifndef MESSAGE_THROTTLE_H
#define MESSAGE_THROTTLE_H

#include "message/outcome.h"

enum throttle {
    THROTTLE_NONE,
    THROTTLE_CONNECTIONS, // too many of them at once
    THROTTLE_MESSAGES,    // too many of them on this connection; another one may do
    THROTTLE_RATE,        // too much for now
};

// Of a reply that puts off; any other is THROTTLE_NONE.
enum throttle throttle_of(const struct outcome *o) __attribute__((nonnull));

#endif
