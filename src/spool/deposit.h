// SPDX-License-Identifier: ISC
// A new message's file on its way into the spool: made in tmp/, written, synced, moved to new/.
// Until then nothing of it is visible; from then on it is durable. What is written, and who is
// to be told of failure, is for the caller to know.
#ifndef SPOOL_DEPOSIT_H
#define SPOOL_DEPOSIT_H

#include "message/block.h"
#include "spool/maildir.h"

struct deposit {
    const struct maildir *maildir;
    int fd;                          // of the file in tmp/, -1 when closed
    char id[MAILDIR_ID + 1];         // the message's queue id
    char name[MAILDIR_NAME_MAX + 1]; // of its file: the queue id, and perhaps a tag
    bool begun;                      // there is a file in tmp/
    uint64_t written;                // octets
    uint64_t pushed;                 // of them, those that the disk was told to begin with
};

// Each int is 0, or -1 and errno: then nothing but deposit_abandon may follow.

// Gives it a queue id; touches nothing. The maildir outlives the deposit.
int deposit_name(struct deposit *d, const struct maildir *m)
    __attribute__((nonnull, warn_unused_result));
// Puts a tag to the file's name, behind a dot: at most 96 octets that may stand in a name
// (maildir_is_message). Between deposit_name and deposit_begin.
void deposit_tag(struct deposit *d, const char *tag) __attribute__((nonnull));
// Makes the file, locked against being taken for litter.
int deposit_begin(struct deposit *d) __attribute__((nonnull, warn_unused_result));
int deposit_write(struct deposit *d, struct span text)
    __attribute__((nonnull, warn_unused_result));
int deposit_patch(struct deposit *d, const struct block_patch *patch)
    __attribute__((nonnull, warn_unused_result));
// The file is complete: syncs and closes it.
int deposit_seal(struct deposit *d) __attribute__((nonnull, warn_unused_result));
// Moves what was sealed to new/: after 0 the message is durable, after -1 it is nowhere.
int deposit_publish(struct deposit *d) __attribute__((nonnull, warn_unused_result));
// Takes away what was begun and not published. A deposit that is zeroed but for fd = -1 is
// accepted.
void deposit_abandon(struct deposit *d) __attribute__((nonnull));

// All of this at once, for a message that lies in memory: whole lines, header and body. The
// block's figures are set by it. After 0 the message is durable, and its queue id is in *id.
int deposit_message(const struct maildir *m, struct block *b, struct span text,
                    char id[MAILDIR_ID + 1]) __attribute__((nonnull, warn_unused_result));

// Tries it: as much of a message as shows that one could be queued now is made, up to where it
// would be published, and taken away. Disks that are full, or gone read-only, show in nothing
// less.
int deposit_try(const struct maildir *m) __attribute__((nonnull, warn_unused_result));

#endif
