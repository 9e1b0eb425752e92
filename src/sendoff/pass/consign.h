// SPDX-License-Identifier: ISC
// From a message whose turn it is to a job in a courier's hands.
#ifndef SENDOFF_CONSIGN_H
#define SENDOFF_CONSIGN_H

#include "sendoff/pass/pass.h"

// A parcel that is free; NULL where all are in use.
struct parcel *consign_room(struct pass *p) __attribute__((nonnull));

// Claims the message of that turn, which is taken over, and hands it to the line; there is room
// for it. What can not be sent at all is settled instead. False where the courier is gone.
bool consign(struct pass *p, struct line *l, struct turn *turn)
    __attribute__((nonnull, warn_unused_result));

#endif
