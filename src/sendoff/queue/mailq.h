// SPDX-License-Identifier: ISC
// The queue as Postfix's mailq prints it, for the scripts that read that. Pure.
#ifndef SENDOFF_MAILQ_H
#define SENDOFF_MAILQ_H

#include "sendoff/queue/listing.h"

// Appends one message; the head line before the first one, an empty line before the others.
void mailq_put(struct buf *out, const struct listing *l, const struct listed *one)
    __attribute__((nonnull));
// Appends what stands at the end.
void mailq_put_end(struct buf *out, const struct listing *l) __attribute__((nonnull));

#endif
