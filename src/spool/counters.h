// SPDX-License-Identifier: ISC
// What went by an account since it is known: for people and monitors, and for nothing else. It
// stands beside the account's own file (spool/account.h) in a small one that is changed in
// place and never synced: whatever is lost of it, no mail is.
#ifndef SPOOL_COUNTERS_H
#define SPOOL_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

struct counters {
    uint64_t sent, deferred, failed; // recipients' outcomes
    uint64_t sessions, troubles;     // sessions that stood; those that did not, or ended early
    int64_t last_sent;    // when mail was accepted last; microseconds since 1970, 0: never
    int64_t last_session; // when a session stood last
};

// Reads those of the account `name` below the directory `dir`. False, and all are zero, where
// nothing is known; errno tells why (ENOENT: nothing was counted yet).
bool counters_read(struct counters *c, const char *dir, const char *name)
    __attribute__((nonnull));
// Adds to them what is new; a time that is 0 stays as it was. Only for who holds the account's
// lock.
void counters_add(const char *dir, const char *name, const struct counters *more)
    __attribute__((nonnull));

#endif
