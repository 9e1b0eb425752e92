// SPDX-License-Identifier: ISC
// `sendoff queue` with all that stands behind it, and what sendmail(8) hands over for mailq and
// -bP.
#ifndef SENDOFF_QUEUEING_H
#define SENDOFF_QUEUEING_H

#include "sendoff/call.h"

enum { QUEUEING_LIMIT = 1 }; // the status where the queue is past a limit that was asked for

int queueing_queue(struct call *call) __attribute__((nonnull));
int queueing_mailq(struct call *call) __attribute__((nonnull));
int queueing_count(struct call *call) __attribute__((nonnull));

#endif
