// SPDX-License-Identifier: ISC
// Access tokens in SASL: OAUTHBEARER (RFC 7628) and its forerunner XOAUTH2, by which Google and
// Microsoft take them. Pure: it formats what the client says and reads what the server
// complains of.
#ifndef SUBMIT_BEARER_H
#define SUBMIT_BEARER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"

enum { BEARER_WORDS_MAX = 1024 }; // octets around user and token, host and port included

// Whether it may be a token: visible ASCII and nothing else, so that it stays in its field.
bool bearer_is_token(struct span token);

// Appends the initial response.
void bearer_oauth(struct buf *out, const char *user, const char *host, uint16_t port,
                  struct span token) __attribute__((nonnull));
void bearer_xoauth2(struct buf *out, const char *user, struct span token)
    __attribute__((nonnull));

// Appends what a refusing server says in its challenge, an object of JSON (RFC 7628, 3.2.2), in
// words for people: its status, description and scope. Where it is nothing of that kind, the
// challenge itself. Cleaned, and not longer than a reason can be.
void bearer_complaint(struct buf *out, struct span challenge) __attribute__((nonnull));

#endif
