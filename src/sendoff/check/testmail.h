// SPDX-License-Identifier: ISC
// A mail to see whether mail arrives: queued as any other, and sent at once.
#ifndef SENDOFF_TESTMAIL_H
#define SENDOFF_TESTMAIL_H

#include "config/config.h"
#include "sendoff/check/checkup.h"

// Queues it for `address`, a mailbox, and makes one pass with it, as far as that is the user's
// to do; says what became of it. The config is usable.
void testmail(struct checkup *c, const struct config *config, const char *address)
    __attribute__((nonnull));

#endif
