// SPDX-License-Identifier: ISC
// The queue and the accounts as metrics, in Prometheus' text format 0.0.4: for the textfile
// collector of its node exporter, or whoever reads that.
#ifndef SENDOFF_METRICS_H
#define SENDOFF_METRICS_H

#include "sendoff/queue/listing.h"
#include "spool/counters.h"

// One account, and what is known of it.
struct metrics_account {
    const char *name;
    struct account memory;
    bool resting; // it is left alone until memory.not_before
    struct counters counters;
};

struct metrics {
    const struct listing *listing; // after listing_run
    bool usable;                   // the config counts and says nothing wrong
    const char *version;
    const struct metrics_account *account;
    size_t n_accounts;
};

void metrics_put(struct buf *out, const struct metrics *m) __attribute__((nonnull));

#endif
