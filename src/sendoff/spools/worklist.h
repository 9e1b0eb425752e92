// SPDX-License-Identifier: ISC
// The messages of one spool that a pass has before it, oldest first.
#ifndef SENDOFF_WORKLIST_H
#define SENDOFF_WORKLIST_H

#include <stdbool.h>

#include "base/buf.h"
#include "spool/maildir.h"

// Names of one place that are listed at once; what lies beyond comes when those have gone.
enum { WORKLIST_MOST = 1 << 18 };

struct worklist {
    struct buf names; // each ended by NUL
    struct buf items; // of struct work
    size_t at;        // the next one
    struct buf gone;  // of size_t: where names begin that were not there any more
    struct buf known; // of size_t: names of messages that are not to be added
    struct buf seen;  // of size_t: all names that were ever listed or added, for worklist_more
};

struct work {
    size_t name; // where it begins in names
    enum maildir_place place;
};

// An empty list. The caller ends it with worklist_free.
void worklist_init(struct worklist *w) __attribute__((nonnull));
// Lists the given places of the spool. 0, or -1 and errno. The caller ends it with
// worklist_free.
int worklist_fill(struct worklist *w, const struct maildir *m, const enum maildir_place *places,
                  size_t n) __attribute__((nonnull, warn_unused_result));
void worklist_free(struct worklist *w) __attribute__((nonnull));

// Adds what lies in new/ and was never in the list: it came after the list was made. True where
// there is any. A place that can not be listed holds nothing now.
bool worklist_more(struct worklist *w, const struct maildir *m)
    __attribute__((nonnull, warn_unused_result));
// Says that a message of that name is none that came later, though it is not in the list: a
// report of this pass, which waits for the next.
void worklist_know(struct worklist *w, const char *name) __attribute__((nonnull));
// How many are left of it.
size_t worklist_left(const struct worklist *w) __attribute__((nonnull));

// The next message; false when there is none. *name is valid until the list changes.
bool worklist_next(struct worklist *w, enum maildir_place *place, const char **name)
    __attribute__((nonnull, warn_unused_result));

// Says that the message that worklist_next gave last is not where it was.
void worklist_gone(struct worklist *w) __attribute__((nonnull));
// Adds those that were gone from new/ and are found in cur/: a mail reader moves them there,
// all at once. False where there are none. What was gone is then forgotten.
bool worklist_follow(struct worklist *w, const struct maildir *m)
    __attribute__((nonnull, warn_unused_result));

// Adds a message behind all others.
void worklist_add(struct worklist *w, enum maildir_place place, const char *name)
    __attribute__((nonnull));

#endif
