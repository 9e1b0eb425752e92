// SPDX-License-Identifier: ISC
// `sendoff flush`, and `sendoff runq`, which sendmail(8) hands its -q to: their command lines,
// and what they say and answer.
#ifndef SENDOFF_FLUSHING_H
#define SENDOFF_FLUSHING_H

#include "sendoff/call.h"

// Where the queue is another user's to run (leave.h), both ring the bell: 0, or EX_NOPERM where
// nobody listens.
//
// 0 when nothing is left waiting, EX_NOINPUT where an id is no waiting message's; or another
// status of sysexits(3).
int flushing_flush(struct call *call) __attribute__((nonnull));
// 0 when the pass itself worked, though something was deferred.
int flushing_runq(struct call *call) __attribute__((nonnull));

#endif
