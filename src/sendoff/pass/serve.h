// SPDX-License-Identifier: ISC
// One pass over all spools: locks, turns, and one session after the other while they get on.
//
// A wake-up is never lost (HAZARDS 15): who has queued a message and finds the locks taken may
// go, since whoever holds them looks into every spool once more after he has let them go. What
// came meanwhile is served by the same flush.
#ifndef SENDOFF_SERVE_H
#define SENDOFF_SERVE_H

#include "sendoff/pass/pass.h"

// Makes the pass over all spools that are served, and sets p->result, p->status and p->why.
// Where another flush is at work for longer than p->patient_until that is EX_TEMPFAIL, and
// p->result->busy. A spool that is not there is an empty one.
void serve(struct pass *p) __attribute__((nonnull));

#endif
