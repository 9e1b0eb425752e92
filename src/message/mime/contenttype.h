// SPDX-License-Identifier: ISC
// The values of Content-Type and Content-Transfer-Encoding (RFC 2045, 5 and 6), as far as the
// structure of a message hangs on them. Lenient with what is written wrong, as readers are.
#ifndef MESSAGE_CONTENTTYPE_H
#define MESSAGE_CONTENTTYPE_H

#include <stdbool.h>

#include "base/buf.h"

enum {
    CONTENTTYPE_NAME_MAX = 127,    // octets of a type's name with its subtype's
    CONTENTTYPE_BOUNDARY_MAX = 200 // octets; RFC 2046, 5.1.1, allows 70
};

struct contenttype {
    char name[CONTENTTYPE_NAME_MAX + 1]; // "text/plain", in lower case, or "" where it is none
    struct buf boundary;                 // without quotes, or empty
};

// *t is ended by contenttype_free.
void contenttype_init(struct contenttype *t) __attribute__((nonnull));
void contenttype_free(struct contenttype *t) __attribute__((nonnull));

// Reads a field's body.
void contenttype_read(struct contenttype *t, struct span body) __attribute__((nonnull));

enum contenttype_encoding {
    CONTENTTYPE_7BIT, // or none is stated
    CONTENTTYPE_8BIT,
    CONTENTTYPE_BINARY,
    CONTENTTYPE_QP,
    CONTENTTYPE_BASE64,
    CONTENTTYPE_OTHER, // nobody knows how to read it
};

enum contenttype_encoding contenttype_encoding(struct span body);

#endif
