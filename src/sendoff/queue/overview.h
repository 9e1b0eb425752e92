// SPDX-License-Identifier: ISC
// The queue for people: what waits, since when, and why. Pure.
#ifndef SENDOFF_OVERVIEW_H
#define SENDOFF_OVERVIEW_H

#include "sendoff/queue/listing.h"

// Appends one message, in two or three lines; none is wider than `width` characters, and
// recipients who do not fit are counted. 0: everything is written out.
void overview_put(struct buf *out, const struct listing *l, const struct listed *one,
                  size_t width) __attribute__((nonnull));
// Appends the line that sums the queue up: how many, in which state, and how old.
void overview_put_sum(struct buf *out, const struct listing *l) __attribute__((nonnull));

#endif
