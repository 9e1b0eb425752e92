// SPDX-License-Identifier: ISC
// One message's file on its way into the user's spool (spool/deposit.h), as sendmail sees it:
// whatever fails, or a signal, takes it away, and each failure has its exit status. It knows
// nothing of what is written.
#ifndef SENDMAIL_STORE_H
#define SENDMAIL_STORE_H

#include "base/buf.h"
#include "config/config.h"
#include "message/block.h"
#include "spool/deposit.h"
#include "spool/maildir.h"

struct store {
    struct maildir maildir;
    struct deposit deposit; // its id is the message's queue id, once there is a file
    int error;              // errno of what failed, 0 where nothing did
};

// Each int is 0, or a status of sysexits(3) with the complaint in *why.

// Opens the user's spool. The caller ends the store with store_close, whatever the answer; *s
// stays where it is until then, since a signal may have to find it.
int store_open(struct store *s, const struct config *config, struct buf *why)
    __attribute__((nonnull, warn_unused_result));
int store_create(struct store *s, struct buf *why) __attribute__((nonnull, warn_unused_result));
int store_write(struct store *s, struct span text, struct buf *why)
    __attribute__((nonnull, warn_unused_result));
int store_patch(struct store *s, const struct block_patch *patch, struct buf *why)
    __attribute__((nonnull, warn_unused_result));
// Syncs the file and moves it to new/: after 0 it is durable. Signals stay blocked from here on
// (process_unblock_signals), so that what the caller is told of the message is true.
int store_publish(struct store *s, struct buf *why)
    __attribute__((nonnull, warn_unused_result));
// Takes away what was not published, and closes the spool.
void store_close(struct store *s) __attribute__((nonnull));

#endif
