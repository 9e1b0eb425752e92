// SPDX-License-Identifier: ISC
// Which message of a spool is tried next. What is not to be tried is dealt with on the way: set
// aside where it is none, settled where nobody waits for it any more, left where it rests.
#ifndef SENDOFF_CHOOSE_H
#define SENDOFF_CHOOSE_H

#include "sendoff/pass/seat.h"

// seat_choose, with the owner's identity; no more files are looked at than s->looks.
enum seat_choice choose_next(struct pass *p, struct seat *s, struct entry *e)
    __attribute__((nonnull, warn_unused_result));

// Whether its complaints about single files still go to the log: a user must not be able to
// fill it.
bool choose_may_complain(struct seat *s) __attribute__((nonnull));

#endif
