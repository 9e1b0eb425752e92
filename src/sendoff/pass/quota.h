// SPDX-License-Identifier: ISC
// How many reports a spool has had in this hour, which begins with the first one: a thousand
// failures must not make a thousand mails (HAZARDS 29). It is written down behind the holder's
// line of the spool's lock file (sendoff-spool(5)), and so survives the pass. Losing it costs a
// few reports too many.
#ifndef SENDOFF_QUOTA_H
#define SENDOFF_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

enum {
    QUOTA_HOUR = 3600,  // seconds
    QUOTA_REPORTS = 20, // in an hour; a digest of the others comes on top
};

enum quota_kind { QUOTA_REPORT, QUOTA_DIGEST };

struct quota {
    int fd;        // of the lock file, which is the caller's; -1: nothing is written down
    int64_t since; // when the hour began; microseconds since 1970
    unsigned reports, digests;
};

// Reads what was written down there; nothing where that makes no sense.
void quota_read(struct quota *q, int fd) __attribute__((nonnull));
// Whether there may be one more now. An hour that began in the future, by a clock that jumped,
// is over.
bool quota_allows(struct quota *q, enum quota_kind kind, int64_t now) __attribute__((nonnull));
// Counts one that was queued now, and writes that down.
void quota_spend(struct quota *q, enum quota_kind kind, int64_t now) __attribute__((nonnull));

#endif
