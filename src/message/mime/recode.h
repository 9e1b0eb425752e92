// SPDX-License-Identifier: ISC
// Content-Transfer-Encodings (RFC 2045, 6), written in pieces of any size. What goes in is the
// content of a part: LF stands for a line end, NUL and octets above 127 may be there. What
// comes out is ASCII in lines of at most 76 octets, with the same ends, and its decoding is the
// content with CRLF as line ends.
//
// The two last kinds put right what is encoded already and badly: octets above 127 in
// quoted-printable, lines too long in either.
#ifndef MESSAGE_RECODE_H
#define MESSAGE_RECODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum { RECODE_LINE_MAX = 76 }; // octets of a line (RFC 2045, 6.7 (5) and 6.8)

enum recode_kind {
    RECODE_NONE, // as it is
    RECODE_QP,
    RECODE_BASE64,
    RECODE_QP_AGAIN,
    RECODE_BASE64_AGAIN,
};

struct recode {
    enum recode_kind kind;
    size_t column;
    char blank;   // that may end the line, and is not out yet; or NUL
    char held[3]; // octets that do not yet make four of base64, or "=XX"
    size_t n_held;
    size_t blanks; // behind an "=" that is held
};

void recode_init(struct recode *r, enum recode_kind kind) __attribute__((nonnull));
// Appends what the text becomes: at most 4 octets for each, and 16.
void recode_put(struct recode *r, struct buf *out, struct span text) __attribute__((nonnull));
// Ends the content; a line end in front of a boundary is no part of it.
void recode_end(struct recode *r, struct buf *out) __attribute__((nonnull));

#endif
