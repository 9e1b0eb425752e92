// SPDX-License-Identifier: ISC
// Fields of a header with octets above 127, for servers that take ASCII only. Text becomes
// encoded words (RFC 2047): in unstructured fields, display names and comments. Parameters of
// Content-Type and the like become extended ones (RFC 2231). Other fields that have no place
// for either get the name Downgraded-... (RFC 6857). Addresses can not be written in ASCII.
#ifndef MESSAGE_DOWNGRADE_H
#define MESSAGE_DOWNGRADE_H

#include "base/buf.h"
#include "message/header.h"

enum downgrade_answer {
    DOWNGRADE_DONE,
    DOWNGRADE_ADDRESS, // there is an address beyond ASCII; it was not appended, but for a part
};

// How a field is written. One that is in no list is text.
enum downgrade_form {
    DOWNGRADE_TEXT,
    DOWNGRADE_MAILBOXES,
    DOWNGRADE_PARAMETERS,
    DOWNGRADE_RIGID,
};
enum downgrade_form downgrade_form(struct span name);

// Appends the field, all ASCII. Words that are too long for a line are encoded, too, where the
// field is text.
enum downgrade_answer downgrade_put(struct buf *out, const struct field *f)
    __attribute__((nonnull, warn_unused_result));

// Appends the field as if it were text, so that nothing stands in the way.
void downgrade_put_text(struct buf *out, const struct field *f) __attribute__((nonnull));

#endif
