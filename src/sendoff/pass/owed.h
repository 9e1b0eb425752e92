// SPDX-License-Identifier: ISC
// Failed messages whose senders are told by a digest, since there were too many reports in this
// hour. They stay in the queue, marked failed and not tried, until it is durable; so they need
// no list but the spool itself, and those that a pass did not get to are found by the next.
#ifndef SENDOFF_OWED_H
#define SENDOFF_OWED_H

#include <stdint.h>

#include "sendoff/pass/report.h"
#include "sendoff/spools/worklist.h"

// Sends one digest of the listed messages, of which nobody waits any more, if this hour may
// have one, and removes them; where it can not be sent they are moved to .failed. Sets bits of
// places in *touched that are to be synced (entry.h); how many could not be settled is added
// to *trouble.
void owed_settle(struct worklist *list, struct reports *r, unsigned *touched, uint64_t *trouble)
    __attribute__((nonnull));

#endif
