// SPDX-License-Identifier: ISC
// Encoded words (RFC 2047): how text beyond ASCII stands in a header. It is written in the "Q"
// form, with no octet that has a meaning in a phrase, so it may stand for any word of a display
// name, of a comment or of an unstructured field.
#ifndef MESSAGE_ENCODED_H
#define MESSAGE_ENCODED_H

#include <stdbool.h>

#include "base/buf.h"

enum { ENCODED_LINE_MAX = 76 }; // columns of a line that holds an encoded word (RFC 2047, 2)

// Appends the text as encoded words, each on a line of its own but the first, whose line has
// `column` octets already; the blanks between them are no part of the text (RFC 2047, 6.2). No
// character is split. Text that is not UTF-8 bears the charset unknown-8bit (RFC 1428).
void encoded_put(struct buf *out, struct span text, size_t column) __attribute__((nonnull));

// Whether a word, without blanks, is an encoded one.
bool encoded_is_word(struct span word);

// Whether all of it is UTF-8.
bool encoded_is_utf8(struct span text);

#endif
