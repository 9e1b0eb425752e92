// SPDX-License-Identifier: ISC
// What a pass tells the log about mail, as events (base/event.h).
#ifndef SENDOFF_LOGBOOK_H
#define SENDOFF_LOGBOOK_H

#include <stdbool.h>

#include "message/bounce/bounce.h"
#include "sendoff/pass/parcel.h"

// What became of it for one recipient who was told of. `relay` is whom the session talked to,
// or "".
void logbook_attempt(const struct parcel *p, size_t recipient, const char *relay, uid_t uid)
    __attribute__((nonnull));
// It has left the queue.
void logbook_removed(const struct parcel *p, uid_t uid) __attribute__((nonnull));
// A report of that kind on the message `about` was queued as `id`.
void logbook_report(const struct block *report, struct span about, const char *id,
                    enum bounce_kind kind) __attribute__((nonnull));
// Trouble with the line or the account, or a remark on it. Of a remark, only the text is set.
void logbook_line(const char *account, const char *relay, const struct outcome *o)
    __attribute__((nonnull));

#endif
