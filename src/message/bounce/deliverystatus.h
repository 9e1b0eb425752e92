// SPDX-License-Identifier: ISC
// The part of a report that programs read: message/delivery-status (RFC 3464, 2). It is plain
// ASCII whatever the addresses and the smarthost's words are (RFC 6533, 3).
#ifndef MESSAGE_DELIVERYSTATUS_H
#define MESSAGE_DELIVERYSTATUS_H

#include "base/buf.h"
#include "message/bounce/bounce.h"

// Appends the fields about the message, then a group for each of the n recipients in *list, as
// many as BOUNCE_LIST_MAX has room for. Every line ends with LF.
void deliverystatus_put(struct buf *out, const struct bounce_facts *f, const struct block *b,
                        const struct bounce_recipient *list, size_t n) __attribute__((nonnull));

#endif
