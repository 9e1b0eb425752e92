// SPDX-License-Identifier: ISC
// Messages of the spools that are served by their queue ids, as people write them: in any case
// of letters, and no longer than needed. One spool is open at a time.
#ifndef SENDOFF_PICK_H
#define SENDOFF_PICK_H

#include "sendoff/spools/spools.h"
#include "sendoff/spools/worklist.h"

struct pick {
    struct spools spools;
    struct buf lists;       // of struct worklist, one for each spool; failed messages too
    struct maildir maildir; // of the spool `open`
    size_t open;
    size_t at; // the spool that pick_next is in
};

struct picked {
    size_t spool;
    enum maildir_place place;
    const char *name; // valid until pick_again
};

enum pick_answer { PICK_ONE, PICK_NONE, PICK_SEVERAL };

// Lists the spools. 0, or a status of sysexits(3) with the complaint in *why: one of the user's
// own can not be read; another's is only complained of on stderr. The caller ends it with
// pick_free in either case.
int pick_init(struct pick *p, const struct config *config, struct buf *why)
    __attribute__((nonnull, warn_unused_result));
void pick_free(struct pick *p) __attribute__((nonnull));
// Lists them once more, since names may have changed; the answers are pick_init's.
int pick_again(struct pick *p, struct buf *why) __attribute__((nonnull, warn_unused_result));

// Takes on the identity of that spool's owner, and opens the spool unless it is the open one:
// what was opened in another is no good any more. The caller goes back with identity_leave.
// NULL and errno, with nothing entered, where it can not be.
const struct maildir *pick_enter(struct pick *p, size_t spool)
    __attribute__((nonnull, warn_unused_result));

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
