// SPDX-License-Identifier: ISC
// How many reports a user has had in this hour, which begins with the first one: a thousand
// failures must not make a thousand mails (HAZARDS 29). It is written down behind the holder's
// line of the spool's lock file (sendoff-spool(5)), and so survives the pass. Losing it costs a
// few reports too many. Root's pass keeps it in its own lock file, where no user can change it,
// and each user has a line of his own there; those whose lines would lie at the same place take
// it from each other.
#ifndef SENDOFF_QUOTA_H
#define SENDOFF_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

enum {
    QUOTA_HOUR = 3600,  // seconds
    QUOTA_REPORTS = 20, // in an hour; a digest of the others comes on top
};

#define QUOTA_SPOOL UINT32_MAX

enum quota_kind { QUOTA_REPORT, QUOTA_DIGEST };

struct quota {
    int fd;        // of the lock file, which is the caller's; -1: nothing is written down
    uint32_t user; // whose line it is; QUOTA_SPOOL: the spool's
    int64_t since; // when the hour began; microseconds since 1970
    unsigned reports, digests;
};

// Reads what was written down there; nothing where that makes no sense.
void quota_read(struct quota *q, int fd) __attribute__((nonnull));
// Goes on with another user's line, or with the spool's.
void quota_switch(struct quota *q, uint32_t user) __attribute__((nonnull));
// Whether there may be one more now. An hour that began in the future, by a clock that jumped,
// is over.
bool quota_allows(struct quota *q, enum quota_kind kind, int64_t now) __attribute__((nonnull));
// Counts one that was queued now, and writes that down.
void quota_spend(struct quota *q, enum quota_kind kind, int64_t now) __attribute__((nonnull));

#endif
