// SPDX-License-Identifier: ISC
// What couriers say, and what follows for messages, lines and the account.
#ifndef SENDOFF_HEAR_H
#define SENDOFF_HEAR_H

#include "sendoff/pass/pass.h"

// One event of that line.
void hear(struct pass *p, struct line *l, enum outcome_line kind, struct outcome_event *event)
    __attribute__((nonnull));

// Trouble of a line that nobody has told of, in words of ours.
void hear_trouble(struct pass *p, struct line *l, const char *what, const char *reason)
    __attribute__((nonnull));
// A message that the line did not get to: it waits on, as good as never claimed.
void hear_nothing(struct line *l, struct parcel *parcel) __attribute__((nonnull));
// Nothing more is heard in this pass: refusals that were kept back are settled.
void hear_last(struct pass *p) __attribute__((nonnull));

#endif
