// SPDX-License-Identifier: ISC
// Which message of a spool is tried next. What is not to be tried is dealt with on the way: set
// aside where it is none, settled where nobody waits for it any more, left where it rests.
#ifndef SENDOFF_CHOOSE_H
#define SENDOFF_CHOOSE_H

#include "sendoff/pass/pass.h"

// The next message to try, open but not claimed; the caller closes it. False when there is none
// left.
bool choose_next(struct pass *p, struct entry *e) __attribute__((nonnull, warn_unused_result));

#endif
