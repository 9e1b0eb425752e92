// SPDX-License-Identifier: ISC
// A message from stdin into the spool. Waits for the disk and for stdin, and for nothing else
// until it is durable; then, where that was asked for, for one attempt to send it (ring.h).
#ifndef SENDMAIL_INJECT_H
#define SENDMAIL_INJECT_H

#include "config/config.h"
#include "sendmail/args.h"

// Queues the message. 0 means that it is durable, complete, in the spool; any other status of
// sysexits(3) that it is not queued, with the complaint in *why.
int inject(const struct args *a, const struct config *config, struct buf *why)
    __attribute__((nonnull, warn_unused_result));

#endif
