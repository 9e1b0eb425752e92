// SPDX-License-Identifier: ISC
// One message in the spool: its file, opened once, and what its own block says.
//
// States of a message (sendoff-spool(5); the names are used in the log and the model):
//   waiting    in new/ or cur/; its mtime is the time of the next attempt
//   claimed    waiting, and a flush holds the lock on its file; the attempt is counted
//   settled    every recipient delivered or failed; the file is removed, or moved to .failed/
//   held       in cur/ with the flag H: not tried until it is released
//   cancelled  removed, or in cur/ with the flag T: never tried again
// Marks go through the descriptor, so no renaming by a mail reader can misplace them.
#ifndef SPOOL_ENTRY_H
#define SPOOL_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "message/block.h"
#include "message/outcome.h"
#include "spool/maildir.h"

struct entry {
    const struct maildir *maildir;
    enum maildir_place place;
    char name[MAILDIR_NAME_MAX + 1];
    int fd;     // for reading and, with `write`, marking; -1 when closed
    int reader; // for reading alone, -1 without a claim: it holds the lock, and is the one that
                // is handed to sendoff-submit, so that the claim lasts as long as either lives
    int64_t next; // its mtime: the time of the next attempt, microseconds since 1970
    struct block block;
    bool dirty;       // written to and not synced yet
    unsigned touched; // bit N: place N was renamed or unlinked in and not synced yet
};

enum entry_answer {
    ENTRY_OPEN,
    ENTRY_GONE,    // no such file any more
    ENTRY_BUSY,    // somebody else has claimed it
    ENTRY_FOREIGN, // a format version that is not ours: leave it alone
    ENTRY_BROKEN,  // no message of ours, or not of the size it states: never to be sent
    ENTRY_TROUBLE, // errno tells; it may pass
};

// Opens a message and reads its block; `write` for one that is to be claimed or changed. Never
// waits and never follows a link; takes only a regular file of the effective user. The maildir
// must outlive the entry. The caller ends it with entry_close whatever the answer; FOREIGN and
// BROKEN leave the file open, so that it can be moved.
enum entry_answer entry_open(struct entry *e, const struct maildir *m, enum maildir_place place,
                             const char *name, bool write)
    __attribute__((nonnull, warn_unused_result));
void entry_close(struct entry *e) __attribute__((nonnull));

// Its queue id; valid as long as the entry.
struct span entry_id(const struct entry *e) __attribute__((nonnull));
bool entry_is_held(const struct entry *e) __attribute__((nonnull));
bool entry_is_cancelled(const struct entry *e) __attribute__((nonnull));

// Takes the lock on the file, makes sure that it is still there, under whatever name, and reads
// it again: nobody else sends or changes it until entry_close. BUSY where somebody has claimed
// it; FOREIGN and BROKEN are locked all the same.
enum entry_answer entry_lock(struct entry *e) __attribute__((nonnull, warn_unused_result));

// Claims it: takes the lock on the file, makes sure that it is still in the queue, under
// whatever name, neither held nor cancelled (else ENTRY_GONE), and counts the attempt in place
// (synced where there are several recipients). Nothing may be sent of a
// message whose claim did not answer ENTRY_OPEN. The claim ends with entry_close.
enum entry_answer entry_claim(struct entry *e, const char *account)
    __attribute__((nonnull, warn_unused_result));

// Writes a recipient's status and codes in place, by an outcome. Not synced. 0, or -1 and
// errno.
int entry_mark(struct entry *e, size_t recipient, const struct outcome *o)
    __attribute__((nonnull, warn_unused_result));
// Changes the status of a recipient who failed, in place: his report is queued, or none is
// wanted. Not synced.
int entry_mark_reported(struct entry *e, size_t recipient)
    __attribute__((nonnull, warn_unused_result));
// Writes attempts, doubts and the like from e->block in place. Not synced.
int entry_write_state(struct entry *e) __attribute__((nonnull, warn_unused_result));
// Sets the time of the next attempt; after any other writing, which sets it to now.
int entry_schedule(struct entry *e, int64_t next) __attribute__((nonnull, warn_unused_result));

// Removes it under whatever name it has by now. A message that somebody else removed counts as
// removed. The directory is not synced.
int entry_remove(struct entry *e) __attribute__((nonnull, warn_unused_result));
// Moves it to .failed/new, or puts the flag H to its name. Not synced.
int entry_fail(struct entry *e) __attribute__((nonnull, warn_unused_result));
int entry_hold(struct entry *e) __attribute__((nonnull, warn_unused_result));
// Takes the flag H off its name.
int entry_release(struct entry *e) __attribute__((nonnull, warn_unused_result));
// Moves it to new/, all flags off its name: from .failed back to the queue. Not synced.
int entry_requeue(struct entry *e) __attribute__((nonnull, warn_unused_result));

// Syncs the file if it was written to, and clears `dirty`. Directories are the caller's
// (`touched`).
int entry_sync(struct entry *e) __attribute__((nonnull, warn_unused_result));

#endif
