// SPDX-License-Identifier: ISC
// From outcomes to the spool. Messages whose outcomes are at hand are settled as a group: first
// every mark and removal, then one sync of each file and directory touched; nothing counts as
// settled, and nothing is logged, before that. A crash in between sends a second copy, at
// worst.
//
// A report is durable before the failure it tells of is settled (sendoff/pass/report.h). Of a
// message that nobody waits for any more each failed recipient has been reported, or needs no
// report, and it is removed; or there is nobody to tell, or the report can not be written, and
// it goes to .failed; or it is owed, and waits for the digest.
#ifndef SENDOFF_SETTLE_H
#define SENDOFF_SETTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "message/outcome.h"
#include "sendoff/pass/parcel.h"
#include "sendoff/pass/report.h"
#include "sendoff/spools/worklist.h"
#include "spool/entry.h"
#include "spool/schedule.h"

enum {
    SETTLE_GROUP = 64, // messages settled by one sync, at most
    SETTLE_DOUBTS = 3, // attempts in doubt after which a message is given up
};

struct settle_counts {
    uint64_t sent, deferred, failed; // recipients
    uint64_t doubtful;               // messages
    uint64_t trouble;                // messages that could not be settled as they should
};

struct settlement {
    const struct maildir *maildir;
    struct schedule schedule;
    uint64_t expire;     // seconds after its arrival that a message is given up
    uint64_t warn_after; // seconds after it that its delay is told; 0: never
    struct reports reports;
    struct worklist owed; // failed messages of this pass that a digest has to tell of
    struct parcel *group[SETTLE_GROUP];
    size_t n;
    struct settle_counts counts;
    uint64_t deferred; // messages that wait on, reports of this pass among them
};

void settle_add_counts(struct settle_counts *sum, const struct settle_counts *more)
    __attribute__((nonnull));

// Before the first message of a spool. `lock` is its lock file, where reports are counted.
void settle_begin(struct settlement *s, int lock) __attribute__((nonnull));
// Puts a parcel with all its outcomes into the group. Its sender is told of those who failed,
// durably; then its marks are written, or its file is removed. The group is committed when it
// is full.
void settle(struct settlement *s, struct parcel *p) __attribute__((nonnull));
// Syncs what the group touched, logs what became of its messages, and frees their parcels.
void settle_commit(struct settlement *s) __attribute__((nonnull));
// Settles a message that nobody waits for any more, and that is still in the queue: a crash
// came before its removal, its report was not to be had, or is owed. It was opened for writing
// and not claimed; the caller closes it all the same. Commits.
void settle_rest(struct settlement *s, struct entry *e) __attribute__((nonnull));
// After the last message of a spool: commits, and sends the digest of what is owed.
void settle_end(struct settlement *s) __attribute__((nonnull));

#endif
