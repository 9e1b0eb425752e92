// SPDX-License-Identifier: ISC
// Bare addresses in a field get a domain (RFC 5322, 3.4); every other octet of it stays.
#ifndef MESSAGE_COMPLETE_H
#define MESSAGE_COMPLETE_H

#include "message/header.h"

// Appends the whole field with "@domain" behind each bare address in it; as it is where its
// body is no address list.
void complete_field(struct buf *out, const struct field *f, struct span domain)
    __attribute__((nonnull));

#endif
