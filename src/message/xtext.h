// SPDX-License-Identifier: ISC
// xtext (RFC 3461, 4): the octets "!" to "~" but "+" and "=" stand for themselves, every other
// one is written "+XX". So any text becomes one word of printable ASCII.
#ifndef MESSAGE_XTEXT_H
#define MESSAGE_XTEXT_H

#include "base/buf.h"

void xtext_encode(struct buf *out, struct span text) __attribute__((nonnull));
// Appends what the xtext stands for. False where it is not xtext; *out then holds part of it.
bool xtext_decode(struct buf *out, struct span text)
    __attribute__((nonnull, warn_unused_result));

// A field of the lines that sendoff and sendoff-submit exchange: xtext, "-" where it is empty.
void xtext_put_field(struct buf *out, struct span text) __attribute__((nonnull));
bool xtext_take_field(struct buf *out, struct span text)
    __attribute__((nonnull, warn_unused_result));

#endif
