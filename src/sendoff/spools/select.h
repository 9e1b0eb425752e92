// SPDX-License-Identifier: ISC
// Which messages a pass is to try: sendmail's -qI, -qS, -qR and their negations. Rules of one
// kind add up, kinds narrow each other down; a message that a negated rule fits is never taken.
// Pure.
#ifndef SENDOFF_SELECT_H
#define SENDOFF_SELECT_H

#include <stdbool.h>

#include "message/envelope.h"

enum select_kind {
    SELECT_ID,        // the queue id begins so
    SELECT_SENDER,    // the sender holds it
    SELECT_RECIPIENT, // one of the recipients who wait holds it
};
enum { SELECT_KINDS = SELECT_RECIPIENT + 1 };

struct select {
    struct buf rules; // of struct select_rule
    bool held;        // messages on hold too: they are released
    bool only_held;   // and no others
};

// Takes every message that is not held. The caller ends it with select_free.
void select_init(struct select *s) __attribute__((nonnull));
void select_free(struct select *s) __attribute__((nonnull));

// `text`, in any case of letters, is the caller's and outlives the selection.
void select_add(struct select *s, enum select_kind kind, bool negated, const char *text)
    __attribute__((nonnull));

bool select_takes_id(const struct select *s, struct span id) __attribute__((nonnull));
bool select_takes_envelope(const struct select *s, const struct envelope *e)
    __attribute__((nonnull));
bool select_takes_held(const struct select *s, bool is_held) __attribute__((nonnull));

#endif
