// SPDX-License-Identifier: ISC
// What `sendoff status` tells people: how queue and accounts are doing, and where mail does not
// go, why, and what mends it. It looks at nothing itself.
#ifndef SENDOFF_STANDING_H
#define SENDOFF_STANDING_H

#include "config/config.h"
#include "sendoff/check/causes.h"
#include "sendoff/terminal.h"
#include "sendoff/watch/metrics.h"

struct standing {
    struct listing listing;
    struct causes causes;            // sorted
    struct buf trouble;              // why the queue can not be read, or ""
    int refusal;                     // errno, where no message can be queued now; or 0
    struct metrics_account *account; // n_accounts of them
    size_t n_accounts;
    bool secret;       // what is known of the accounts is not ours to read
    bool usable;       // so is the config
    const char *timer; // what tries again later (checkbell_timer)
};

// Appends it, no wider than the terminal.
void standing_put(struct buf *out, const struct terminal *t, const struct config *config,
                  const struct standing *v) __attribute__((nonnull));

#endif
