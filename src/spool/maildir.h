// SPDX-License-Identifier: ISC
// The spool as a directory: a Maildir (tmp, new, cur) of one user, with a second one, .failed,
// for what can not be delivered (sendoff-spool(5)). This file knows names and directories; what
// stands in a message's file is spool/entry.h's.
#ifndef SPOOL_MAILDIR_H
#define SPOOL_MAILDIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/buf.h"

enum {
    MAILDIR_ID = 18,        // hex digits of the queue ids that we make
    MAILDIR_NAME_MAX = 192, // octets of a file name that may be a message, flags included
    MAILDIR_LITTER_AGE = 36 * 3600, // seconds; maildir(5)
    // What one look may cost, whatever the spool's owner keeps in it (HAZARDS 5):
    MAILDIR_STRAY_MOST = 1 << 16, // names that are no message's, in a place that is listed
    MAILDIR_SWEEP_MOST = 4096,    // names in tmp/
    MAILDIR_SEARCH_MOST = 4,      // of these, second names that are looked for in new/ and cur/
};

enum maildir_place { MAILDIR_NEW, MAILDIR_CUR, MAILDIR_FAILED_NEW, MAILDIR_FAILED_CUR };
enum { MAILDIR_PLACES = 4 };

// Descriptors of directories; tmp's and those of the places above. All -1 when closed.
struct maildir {
    int root;
    int tmp;
    int place[MAILDIR_PLACES];
};
#define MAILDIR_CLOSED                                     \
    {                                                      \
        .root = -1, .tmp = -1, .place = { -1, -1, -1, -1 } \
    }

enum maildir_answer {
    MAILDIR_OPEN,
    MAILDIR_TROUBLE, // errno tells
    MAILDIR_FOREIGN, // there is something, but no directory of ours with mode 0700: not to be
                     // used
};

// Opens the spool of the effective user at `path`; with `make`, makes what is missing, parents
// included, all with mode 0700. A directory that was made is durable on return. The caller ends
// it with maildir_close, whatever the answer.
enum maildir_answer maildir_open(struct maildir *m, const char *path, bool make)
    __attribute__((nonnull, warn_unused_result));
// The same, without `make`, of the name `name` in the directory `dir`, by who may be root in
// the directories of others: nothing that lies there makes it wait, or leads it elsewhere. A
// mount on the way is FOREIGN.
enum maildir_answer maildir_open_in(struct maildir *m, int dir, const char *name)
    __attribute__((nonnull, warn_unused_result));
// The same as maildir_open, with `make`, for who only adds messages: of a spool that is there
// already no more is opened than tmp and new; the other places then count as empty.
enum maildir_answer maildir_open_to_add(struct maildir *m, const char *path)
    __attribute__((nonnull, warn_unused_result));
// Makes the directory below which each user has his spool, where it is missing and we are root:
// mode 1733, as the installation makes it, since a private one would keep all others out.
// Failure shows when the spool itself is opened.
void maildir_make_root(const char *path) __attribute__((nonnull));
void maildir_close(struct maildir *m) __attribute__((nonnull));

// Makes a queue id: upper-case hex digits, ordered by time, unique over all spools. -1 and
// errno where there is no randomness to be had.
int maildir_make_id(char id[MAILDIR_ID + 1]) __attribute__((nonnull, warn_unused_result));

// Makes the file tmp/ID, open for writing and locked for as long as it is open, so that nobody
// takes it for litter. Returns its descriptor or -1 and errno.
int maildir_create(const struct maildir *m, const char *id)
    __attribute__((nonnull, warn_unused_result));
// Removes tmp/ID.
void maildir_discard(const struct maildir *m, const char *id) __attribute__((nonnull));
// Moves tmp/ID, which has been synced, to new/ and syncs new/: from its return on the message
// is durable. On failure it is in neither place, and -1 and errno tell why; a message that a
// flush took meanwhile counts as published.
int maildir_publish(const struct maildir *m, const char *id)
    __attribute__((nonnull, warn_unused_result));

// Moves a file between two places, replacing nothing. Neither directory is synced. 0 or -1.
int maildir_move(const struct maildir *m, enum maildir_place from, const char *name,
                 enum maildir_place to, const char *new_name)
    __attribute__((nonnull, warn_unused_result));

// A name that may be a message's: what makes it one is told by its grammar alone (HAZARDS 8).
bool maildir_is_message(struct span name);
// The queue id of a name, its first part: up to the first '.' or ':'.
struct span maildir_id(struct span name);
// Its flags, what stands behind ":2,"; empty where it has none.
struct span maildir_flags(struct span name);

// The names of all messages in one place, each ended by NUL, appended to *names; `most` is the
// largest count that is taken. What lies behind MAILDIR_STRAY_MOST names of another kind is not
// found. Returns the count, or -1 and errno.
ssize_t maildir_list(const struct maildir *m, enum maildir_place place, size_t most,
                     struct buf *names) __attribute__((nonnull, warn_unused_result));

// Finds the name that the file `file` (of which dev and ino count) bears in new/ or cur/,
// whatever its flags are now; only names of that queue id are looked at. True, and its place
// and name.
bool maildir_find(const struct maildir *m, struct span id, const struct stat *file,
                  enum maildir_place *place, char name[MAILDIR_NAME_MAX + 1])
    __attribute__((nonnull, warn_unused_result));

// Removes what crashes left in tmp/: files older than MAILDIR_LITTER_AGE that nobody holds
// locked, and second names of files that are in new/. `now` is in seconds since 1970. What is
// more than can be looked at now is left to the next time.
void maildir_sweep(const struct maildir *m, int64_t now) __attribute__((nonnull));

#endif
