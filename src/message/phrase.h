// SPDX-License-Identifier: ISC
// A display name in front of an address (RFC 5322, 3.2.5; RFC 2047, 5 (3)), out of plain text.
#ifndef MESSAGE_PHRASE_H
#define MESSAGE_PHRASE_H

#include "base/buf.h"

enum {
    PHRASE_NAME_MAX = 512, // octets of a name; what is longer is cut
    PHRASE_LINE_MAX = 76,  // columns that a line is folded at (RFC 2047, 2)
};

// Appends the name as atoms, as a quoted string or, where it is not ASCII, as encoded words,
// folded where a line gets too long; `column` octets stand before it on its line. Nothing where
// the name is empty. The name is
// cleaned first (text_clean), so no control character in it can do harm.
void phrase_put(struct buf *out, struct span name, size_t column) __attribute__((nonnull));

// Appends the full name in a passwd entry's gecos field: the part before the first comma, every
// '&' standing for the login name with a capital.
void phrase_gecos(struct buf *out, struct span gecos, struct span login)
    __attribute__((nonnull));

#endif
