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
#include "sendoff/pass/report.h"
#include "sendoff/pass/worklist.h"
#include "spool/entry.h"
#include "spool/schedule.h"

enum {
    SETTLE_GROUP = 64, // messages settled by one sync, at most
    SETTLE_DOUBTS = 3, // attempts in doubt after which a message is given up
};

// One claimed message and what was said about it.
struct parcel {
    uint32_t job;  // its number on the way to sendoff-submit, 0 when the parcel is free
    bool settled;  // in the group: what comes for this job now is not believed
    bool reported; // of those who failed nobody is to be told any more
    struct entry entry;
    struct buf outcomes; // of struct outcome, one for each recipient of the envelope
    struct buf told;     // a byte for each: an outcome has come
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
    char relay[OUTCOME_TEXT_MAX + 1]; // for the log
    struct parcel *group[SETTLE_GROUP];
    size_t n;
    struct settle_counts counts;
    uint64_t deferred; // messages that wait on, reports of this pass among them
};

// Fills a free parcel from a claimed entry, which it takes over.
void parcel_fill(struct parcel *p, uint32_t job, const struct entry *taken)
    __attribute__((nonnull));
// Keeps what was said about one recipient; an index that is none is not believed.
void parcel_tell(struct parcel *p, uint32_t recipient, const struct outcome *o)
    __attribute__((nonnull));
// What was said about it; told[recipient] says whether anything was.
struct outcome *parcel_outcome(const struct parcel *p, size_t recipient)
    __attribute__((nonnull, returns_nonnull));
// Gives an outcome to every recipient that waits and has none.
void parcel_tell_rest(struct parcel *p, const struct outcome *o) __attribute__((nonnull));

// Whether anything was said of the message itself: not that its session ended before it was
// begun or answered.
bool parcel_is_judged(const struct parcel *p) __attribute__((nonnull));
// Closes the message, giving its claim back, and frees the parcel.
void parcel_empty(struct parcel *p) __attribute__((nonnull));

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
