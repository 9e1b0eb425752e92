// SPDX-License-Identifier: ISC
// Messages of the user's spools by their queue ids, as people write them: in any case of
// letters, and no longer than needed.
#ifndef SENDOFF_PICK_H
#define SENDOFF_PICK_H

#include "sendoff/pass/worklist.h"
#include "sendoff/spools/spools.h"

struct pick {
    struct spools spools;
    struct maildir maildir[SPOOLS_MAX];
    struct worklist list[SPOOLS_MAX]; // in all places, failed messages too
    size_t at;                        // the spool that pick_next is in
};

struct picked {
    size_t spool;
    enum maildir_place place;
    const char *name; // valid until pick_again
};

enum pick_answer { PICK_ONE, PICK_NONE, PICK_SEVERAL };

// Lists the spools. 0, or a status of sysexits(3) with the complaint in *why. The caller ends
// it with pick_free in either case.
int pick_init(struct pick *p, const struct config *config, struct buf *why)
    __attribute__((nonnull, warn_unused_result));
void pick_free(struct pick *p) __attribute__((nonnull));
// Lists them once more, since names may have changed. 0, or -1 and errno.
int pick_again(struct pick *p) __attribute__((nonnull, warn_unused_result));

// The message whose id is `id`, else the only one whose id begins so.
enum pick_answer pick_find(struct pick *p, struct span id, struct picked *found)
    __attribute__((nonnull, warn_unused_result));
// Says on stderr why the answer names no message.
void pick_complain(enum pick_answer answer, const char *id) __attribute__((nonnull));
// The next of all messages; false when there is none left. Not to be mixed with pick_find.
bool pick_next(struct pick *p, struct picked *next)
    __attribute__((nonnull, warn_unused_result));
// Says that the one that pick_next gave last is not where it was: where a mail reader has moved
// it, it comes again.
void pick_gone(struct pick *p) __attribute__((nonnull));

#endif
