// SPDX-License-Identifier: ISC
// AUTH's inside (RFC 4954 carries it, the engine frames it): which mechanism to try, what it
// says, and whether it is content with the server. libsasl2 is known to auth.c alone.
//
// Mechanisms are tried one at a time, strongest first, each on a connection object of its own,
// because libsasl2 would choose by rules of its own and keeps no promise about a second
// attempt. PLAIN and LOGIN are brought along for systems where no package with mechanisms is
// installed.
#ifndef SUBMIT_AUTH_H
#define SUBMIT_AUTH_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/text.h"

struct auth;

struct auth_login {
    const char *user;
    struct span secret;
    const char *allow; // "auto", or mechanisms parted by blanks, in order of preference
};

// Begins with libsasl2; without `packages` only with the mechanisms that are brought along. The
// secret is copied; the rest of `login` is borrowed until auth_free. One such object at a time.
// NULL, and *why told, where that fails.
struct auth *auth_new(const struct auth_login *login, bool packages, struct buf *why)
    __attribute__((nonnull, warn_unused_result));
// Wipes what it knew. NULL is accepted.
void auth_free(struct auth *a);

// What the server offers, from its EHLO reply: mechanisms parted by blanks. `host` is the
// server's name (borrowed), `strength` the bits of the verified TLS below; 0 keeps mechanisms
// out that would show the password to who listens.
void auth_offer(struct auth *a, const char *host, unsigned strength, struct span offered)
    __attribute__((nonnull));

// The next mechanism, in capitals, that is allowed, offered and can be started; "" when there
// are no more, and *why is told. The initial response is in *initial; its p is NULL where the
// mechanism has none (an empty one has a p). Both are valid until the next call on this object.
const char *auth_begin(struct auth *a, struct span *initial, struct buf *why)
    __attribute__((nonnull, returns_nonnull));

// Answers a challenge, both without base64. False, and *why told, where the mechanism gives up:
// cancel. The response is valid until the next call on this object.
bool auth_step(struct auth *a, struct span challenge, struct span *response, struct buf *why)
    __attribute__((nonnull, warn_unused_result));

// Whether the mechanism has come to its end. A server that says "success" before that has not
// proven itself (SCRAM: it may not know the password at all).
bool auth_content(const struct auth *a) __attribute__((nonnull));

#endif
