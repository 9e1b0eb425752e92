// SPDX-License-Identifier: ISC
// Pins: the SHA-256 of a public key (its SubjectPublicKeyInfo, RFC 7469, 2.4), as tls_pin lists
// them. What a word of that list may look like is judged by config/value.c; here they are
// compared and written. OpenSSL is not known here.
#ifndef SUBMIT_PINS_H
#define SUBMIT_PINS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/text.h"

enum { PINS_OCTETS = 32 }; // of a hash

// Whether the hash is among the words of the list: base64 or hex digits, the latter with or
// without colons, either with or without "sha256//" before it.
bool pins_list(struct span list, const unsigned char hash[PINS_OCTETS])
    __attribute__((nonnull, warn_unused_result));

// Appends the hash as sendoff writes it: "sha256//" and base64.
void pins_put(struct buf *out, const unsigned char hash[PINS_OCTETS]) __attribute__((nonnull));

#endif
