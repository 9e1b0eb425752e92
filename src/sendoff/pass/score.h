// SPDX-License-Identifier: ISC
// What a pass has done so far: added up while it goes on, and kept from time to time where
// monitors find it (spool/counters.h).
#ifndef SENDOFF_SCORE_H
#define SENDOFF_SCORE_H

#include "sendoff/pass/settle.h"

struct pass;

struct score {
    struct settle_counts kept; // of these, all has been added to the account's counters
    uint64_t sessions;         // not added yet
    uint64_t troubles;
    int64_t last_session;
    int64_t kept_at; // clock_steady
};

// What became of recipients in this pass: of spools that are done with, and of those that are
// open.
struct settle_counts score_counts(const struct pass *p) __attribute__((nonnull));

// A session stands; one did not, or the account is in trouble.
void score_session(struct pass *p) __attribute__((nonnull));
void score_trouble(struct pass *p) __attribute__((nonnull));

// A message is done with, for this pass.
void score_message(struct pass *p, const struct parcel *parcel) __attribute__((nonnull));

// Shows how far the pass is, if somebody watches and it is time to.
void score_show(struct pass *p) __attribute__((nonnull));
// The same, and adds what is new to the account's counters: every ten seconds,
// or `now`. The account is locked.
void score_keep(struct pass *p, bool now) __attribute__((nonnull));

#endif
