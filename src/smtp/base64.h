// SPDX-License-Identifier: ISC
// Base64 as AUTH speaks it: one line, padded, nothing else in it (RFC 4648, 4; RFC 4954, 4).
#ifndef SMTP_BASE64_H
#define SMTP_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

// Octets that n octets become.
size_t base64_length(size_t n);
void base64_encode(struct buf *out, struct span octets) __attribute__((nonnull));
// False where the text is not canonical base64; *out is then as it was.
bool base64_decode(struct buf *out, struct span text)
    __attribute__((nonnull, warn_unused_result));

#endif
