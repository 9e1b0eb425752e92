// SPDX-License-Identifier: ISC
// One message on its way to where it is kept, as sendmail sees it: as a file into the user's
// spool (spool/deposit.h) or, where he can not have one, through the drop (sendmail/visit.h).
// Whatever fails, or a signal, takes it away, and each failure has its exit status. It knows
// nothing of what is written.
//
// The drop is for what no waiting mends: a spool that can not be made, written or believed. A
// full disk is not among that, nor is a queue that holds its most.
#ifndef SENDMAIL_STORE_H
#define SENDMAIL_STORE_H

#include "base/buf.h"
#include "config/config.h"
#include "message/block.h"
#include "sendmail/visit.h"
#include "spool/deposit.h"
#include "spool/maildir.h"

struct store {
    struct maildir maildir;
    struct deposit deposit;
    struct visit visit;
    bool visiting;    // it goes through the drop
    struct buf drop;  // the drop's path, "" where there is none for us
    struct buf spool; // the trouble with the spool, while visiting
    int error;        // errno of what failed with the spool's disk, 0 where nothing did
};

// Each int is 0, or a status of sysexits(3) with the complaint in *why.

// Opens the user's spool, or finds the drop. The caller ends the store with store_close,
// whatever the answer; *s stays where it is until then, since a signal may have to find it.
int store_open(struct store *s, const struct config *config, struct buf *why)
    __attribute__((nonnull, warn_unused_result));
int store_create(struct store *s, struct buf *why) __attribute__((nonnull, warn_unused_result));
int store_write(struct store *s, struct span text, struct buf *why)
    __attribute__((nonnull, warn_unused_result));
// Writes what is known only now; the drop finds it out by itself.
int store_patch(struct store *s, const struct block_patch *patch, struct buf *why)
    __attribute__((nonnull, warn_unused_result));
// Syncs the file and moves it to new/, or has the drop do so: after 0 it is durable. Signals
// stay blocked from then on (process_unblock_signals), so that what the caller is told of the
// message is true.
int store_publish(struct store *s, struct buf *why)
    __attribute__((nonnull, warn_unused_result));
// The message's queue id, once it is published.
const char *store_id(const struct store *s) __attribute__((nonnull, returns_nonnull));
// Takes away what was not published, and closes the spool.
void store_close(struct store *s) __attribute__((nonnull));

#endif
