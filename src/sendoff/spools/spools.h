// SPDX-License-Identifier: ISC
// The spools that a command serves. Root in system mode serves those of all users whom passwd
// knows, its own first (HAZARDS 11); everybody else, and root where the kernel lets it change
// no ids, his own two: mail may lie in the system's and in his own, as configs came and went.
// What lies in a spool is not looked at here, and nothing in it is believed.
#ifndef SENDOFF_SPOOLS_H
#define SENDOFF_SPOOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "config/config.h"
#include "sendoff/spools/identity.h"
#include "spool/maildir.h"

struct place {
    struct buf path;
    struct identity owner;
    bool drop; // it is the drop's own, whose blocks' Uid is believed
    int above; // the descriptor of the root that it lies in, lent by struct spools; -1: the
               // path is to be opened as it stands
};

struct spools {
    struct place *place; // valid until one is added
    size_t n;
    uint64_t strangers; // directories of uids that passwd does not know: left as they are
    struct buf strange; // the first of these uids, for people: "3003, 3004"
    int root;           // where all users' spools are served, the directory above them; or -1
    struct buf store;   // of struct place
};

// The caller ends it with spools_free.
void spools_find(struct spools *s, const struct config *config) __attribute__((nonnull));
void spools_free(struct spools *s) __attribute__((nonnull));

// What MAILDIR_FOREIGN means, for people.
#define SPOOLS_FOREIGN "not a directory of the user's own with mode 0700"

// Opens a spool with its owner's identity, and lays that down again: whoever uses the maildir
// enters it himself (identity.h). The answers are maildir_open's; nothing is made. The caller
// ends it with maildir_close, whatever the answer.
enum maildir_answer spools_open(const struct place *p, struct maildir *m)
    __attribute__((nonnull, warn_unused_result));

// Adds a place to the list: `path` as it stands, of that owner.
void spools_add(struct spools *s, const char *path, const struct identity *owner)
    __attribute__((nonnull));

// Calls `see` with each name in the root `dir` that is a number as we write uids, until it
// says false. 0, or -1 and errno.
int spools_walk(int dir, bool (*see)(void *with, const char *name, uid_t uid), void *with)
    __attribute__((nonnull(2), warn_unused_result));

#endif
