// SPDX-License-Identifier: ISC
// The text of an aliases file: who gets the mail of a local name. Lines of "name: value,
// value", in any case of letters; a line that begins with a blank, or follows one that ends in
// a backslash, goes on with the one before it; '#' begins a comment at the start of a line and
// behind a blank. A value is an address, another local name, or "\name", a name that is not
// looked up again. Programs ("|program"), files ("/file") and ":include:/file" are recognised
// so that they can be refused: nothing here, or above, ever runs or opens one (HAZARDS 22).
//
// The text is read once, into an index of its names; all else is read when it is asked for.
// Nothing of what is wrong in one entry touches another.
#ifndef MESSAGE_ALIASES_H
#define MESSAGE_ALIASES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum {
    ALIASES_TEXT_MAX = 16 * 1024 * 1024, // octets of a text
    ALIASES_DEPTH_MAX = 32,              // how often a name may lead to another one
};

struct alias {
    struct span name;   // as it stands in the text, quotes and all
    struct span list;   // its values, up to the next entry
    unsigned line;      // where it begins; the first line is 1
    const char *reason; // NULL, or why this is no entry that can be found, in a few words
    size_t first;       // where another entry took the name before: its number, else its own
};

struct aliases {
    struct span text;
    struct buf marks; // where the entries are, in the order of the text
    struct buf slots; // hash table over marks: uint32_t, number + 1, 0 for free
    size_t used;      // slots that are not free
};

// Reads the text, which is borrowed until aliases_free and has at most ALIASES_TEXT_MAX octets.
// The caller ends it with that.
void aliases_init(struct aliases *a, struct span text) __attribute__((nonnull));
void aliases_free(struct aliases *a) __attribute__((nonnull));

// All entries, those that can not be found included; i is below aliases_count.
size_t aliases_count(const struct aliases *a) __attribute__((nonnull));
struct alias aliases_entry(const struct aliases *a, size_t i) __attribute__((nonnull));

// The entry of a bare mailbox, as address.h gives it ("root", or "\"a b\""). Of entries with
// the same name the first one counts.
bool aliases_find(const struct aliases *a, struct span mailbox, size_t *which)
    __attribute__((nonnull, warn_unused_result));

enum alias_kind {
    ALIAS_MAILBOX, // an address, or a bare name that may be an alias again
    ALIAS_FINAL,   // "\name": no alias again
    ALIAS_PIPE,
    ALIAS_FILE,
    ALIAS_INCLUDE,
    ALIAS_BAD,
};

struct alias_value {
    enum alias_kind kind;
    struct span text;    // as it was written, on one line
    struct span mailbox; // of the first two kinds, as address.h gives it; else empty
    const char *reason;  // of the other kinds: why it can not be had, in a few words
    unsigned line;       // where it begins
};

// The values of an entry, one by one.
struct alias_reader {
    struct span rest;
    unsigned line;
    bool blank; // stands in front of rest
    struct buf text, mailbox;
};

// The entry's text is borrowed. The caller ends the reader with alias_reader_free.
void alias_reader_init(struct alias_reader *r, const struct alias *entry)
    __attribute__((nonnull));
void alias_reader_free(struct alias_reader *r) __attribute__((nonnull));
// False when there are no more. What is in *v is valid until the next call on the reader.
bool alias_reader_next(struct alias_reader *r, struct alias_value *v)
    __attribute__((nonnull, warn_unused_result));

// Appends "FILE:LINE: NAME: VALUE: REASON" without a line end, cleaned (text_clean). NAME and
// VALUE are left out where they are empty.
void alias_blame(struct buf *out, const char *file, unsigned line, struct span name,
                 struct span value, const char *reason) __attribute__((nonnull));

#endif
