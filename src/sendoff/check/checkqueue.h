// SPDX-License-Identifier: ISC
// The step of `sendoff check` about the queue: how much is there, and why it has not gone.
#ifndef SENDOFF_CHECKQUEUE_H
#define SENDOFF_CHECKQUEUE_H

#include "config/config.h"
#include "sendoff/check/checkup.h"

void checkqueue(struct checkup *c, const struct config *config) __attribute__((nonnull));

#endif
