// SPDX-License-Identifier: ISC
// A config that is being made: what `sendoff setup` was told, or `sendoff import` has found.
// Each value is judged by the table of options as it is put in, so that what comes out is a
// config that counts. Passwords are kept apart from it and wiped. Pure.
#ifndef SENDOFF_DRAFT_H
#define SENDOFF_DRAFT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum { DRAFT_GLOBAL = 0 }; // the number of the section [sendoff]

struct draft {
    struct buf sections; // of struct draft_section
    struct buf settings; // of struct draft_setting
    struct buf notes;    // lines for people: what could not be carried over
};

// The caller ends it with draft_free.
void draft_init(struct draft *d) __attribute__((nonnull));
void draft_free(struct draft *d) __attribute__((nonnull));

// Adds an account; its number. What can be no account's name becomes one that can.
size_t draft_account(struct draft *d, struct span name) __attribute__((nonnull));
// Takes the account out of it, with its settings; the numbers of others stay.
void draft_drop(struct draft *d, size_t section) __attribute__((nonnull));
// How many sections there are, [sendoff] included, and what they are called; "" for one that
// was dropped.
size_t draft_count(const struct draft *d) __attribute__((nonnull));
const char *draft_name(const struct draft *d, size_t section) __attribute__((nonnull));

// Sets a key, in place of what it was; an empty value takes it away. False, and *why told,
// where the table knows no such key or value.
bool draft_set(struct draft *d, size_t section, const char *key, struct span value,
               struct buf *why) __attribute__((nonnull, warn_unused_result));
// What was set, or "". Valid until the next change.
const char *draft_get(const struct draft *d, size_t section, const char *key)
    __attribute__((nonnull, returns_nonnull));
// Sets what the first section has, and the second has not.
void draft_inherit(struct draft *d, size_t from, size_t to) __attribute__((nonnull));

// An account's password; "" for none.
void draft_set_password(struct draft *d, size_t section, struct span password)
    __attribute__((nonnull));
const char *draft_password(const struct draft *d, size_t section)
    __attribute__((nonnull, returns_nonnull));

// A line of `notes`: "FILE:LINE: text", without the number where it is 0.
void draft_note(struct draft *d, const char *file, unsigned line, const char *fmt, ...)
    __attribute__((nonnull, format(printf, 4, 5)));

// Appends the config: what is set, each key with a line that says what it is for. `head` is a
// comment for the top, whole lines, each with its '#'.
void draft_put(const struct draft *d, const char *head, struct buf *out)
    __attribute__((nonnull));

#endif
