// SPDX-License-Identifier: ISC
// What the spools hold that are served (spools.h), message by message, oldest first in each,
// and why each of them waits. How that is shown is for others to know (mailq.h, overview.h,
// record.h).
#ifndef SENDOFF_LISTING_H
#define SENDOFF_LISTING_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "spool/account.h"
#include "spool/entry.h"

enum listed_state {
    LISTED_WAITING,
    LISTED_CLAIMED, // being sent now
    LISTED_HELD,
    LISTED_FAILED,    // nobody waits any more, and somebody has not got it
    LISTED_SETTLED,   // everybody has got it; the next pass removes it
    LISTED_CANCELLED, // a mail reader has marked it as trash
    LISTED_FOREIGN,   // of a format that is not ours
    LISTED_BROKEN,    // no message of ours, or not whole
};
enum { LISTED_STATES = LISTED_BROKEN + 1 };

struct listed {
    const char *spool;
    uid_t owner;      // of the spool, so of the message; in the drop's, who handed it in
    const char *user; // his login name where all users' spools are listed, else ""
    const struct entry *entry;
    enum listed_state state;
    int64_t next;        // when it is tried next, for one that waits; microseconds since 1970
    const char *account; // by which it goes, or ""
    const char *reason;  // what became of it last, or why it is not tried; or ""
    bool rests;          // it waits for its account, and the reason is the account's
};

struct listing {
    int64_t now;
    bool system;              // the spools are the system's
    bool all;                 // those of all users, not only the caller's own
    const char *account_name; // the account that mail goes by, or ""
    struct account account;   // what is known of it
    bool resting;             // it is left alone until account.not_before
    uint64_t messages;        // cancelled and settled ones not counted
    uint64_t octets;
    uint64_t count[LISTED_STATES];
    int64_t oldest; // arrival of the oldest that waits or is being sent; INT64_MAX: none
};

// In a word, for people and for JSON.
const char *listed_word(enum listed_state state) __attribute__((returns_nonnull));
// By what entry_open or entry_lock said; never LISTED_CLAIMED. GONE, BUSY and TROUBLE are none.
enum listed_state listed_judge(const struct entry *e, enum entry_answer answer)
    __attribute__((nonnull));
// Whether the message is still owed to that recipient, or has failed for him; those who are to
// be shown.
bool listed_concerns(const struct listed *one, size_t recipient) __attribute__((nonnull));

// Goes through all spools and calls `show` for each message but cancelled and settled ones. 0,
// with the counts; or a status of sysexits(3), with the complaint in *why: one of the
// user's own can not be read (another's is only complained of on stderr). A spool that is not
// there is an empty one. `show` runs with the identity of the spool's owner.
int listing_run(struct listing *l, const struct config *config,
                void (*show)(const struct listing *l, const struct listed *one, void *context),
                void *context, struct buf *why)
    __attribute__((nonnull(1, 2, 3, 5), warn_unused_result));

#endif
