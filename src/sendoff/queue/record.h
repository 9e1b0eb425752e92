// SPDX-License-Identifier: ISC
// The queue for programs: a JSON object on a line for each message (sendoff(1)). Pure.
#ifndef SENDOFF_RECORD_H
#define SENDOFF_RECORD_H

#include "sendoff/queue/listing.h"

void record_put(struct buf *out, const struct listed *one) __attribute__((nonnull));

#endif
