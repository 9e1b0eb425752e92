// SPDX-License-Identifier: ISC
// AUTH's inside (RFC 4954 carries it, the engine frames it): which mechanisms are tried in
// which order, and whether the one at hand is content with the server. mechanism.h lists what
// there is, bearer.c knows what tokens look like, cyrus.c libsasl2.
//
// Mechanisms are tried one at a time, strongest first. None negotiates a security layer: TLS is
// there for that, so nothing is to be said again once AUTH is over.
#ifndef SUBMIT_AUTH_H
#define SUBMIT_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"
#include "message/outcome.h"

enum { AUTH_STEPS_MAX = 16 }; // challenges that one exchange may need

struct auth;

struct auth_login {
    const char *user;   // "" where nothing but the certificate or ticket says who it is
    struct span secret; // its n 0 where there is none
    bool token;         // the secret is an access token (RFC 6750), and no password
    const char *allow;  // "auto", or mechanisms parted by blanks, in order of preference
};

// What is known of the connection that AUTH goes over.
struct auth_line {
    const char *host; // the server's name
    uint16_t port;
    unsigned strength; // bits of the verified TLS below; with 0 nothing is said at all
    // What binds a login to this connection (RFC 5056), by its name, NULL where there is none.
    const char *binding_name;
    struct span binding;
    bool identified; // the server was shown a certificate of ours
};

// Begins, and loads such packages of libsasl2 as `allow` may need; without `packages` only what
// is brought along is there. The secret is copied; the rest of `login` is borrowed until
// auth_free. One such object at a time. NULL, and *why told, where that fails.
struct auth *auth_new(const struct auth_login *login, bool packages, struct buf *why)
    __attribute__((nonnull, warn_unused_result));
// Wipes what it knew. NULL is accepted.
void auth_free(struct auth *a);

// Whether `allow` names a mechanism that takes a password or token; all but EXTERNAL and those
// of Kerberos do.
bool auth_takes_secret(const char *allow) __attribute__((nonnull));

// The line, and what the server offers on it, by its EHLO reply: mechanisms parted by blanks.
// What `line` points to is borrowed until auth_free.
void auth_offer(struct auth *a, const struct auth_line *line, struct span offered)
    __attribute__((nonnull));

// The next mechanism, in capitals, that is allowed, offered and can be started; "" when there
// are no more, and *why is told. The initial response is in *initial; its p is NULL where the
// mechanism has none (an empty one has a p). Both are valid until the next call on this object.
const char *auth_begin(struct auth *a, struct span *initial, struct buf *why)
    __attribute__((nonnull, returns_nonnull));
// Lets auth_begin begin with the same mechanism once more.
void auth_again(struct auth *a) __attribute__((nonnull));

// Answers a challenge, both without base64. False, and *why told, where the mechanism gives up:
// cancel. The response is valid until the next call on this object.
bool auth_step(struct auth *a, struct span challenge, struct span *response, struct buf *why)
    __attribute__((nonnull, warn_unused_result));

// The server says "success", and `text` (of 235). Whether the mechanism has come to its end: if
// not, the server has not proven itself (SCRAM: it may not know the password at all). A server
// that puts its last message into the text, in base64, is heard (RFC 4954, 4 wants a 334 for
// that).
bool auth_content(struct auth *a, struct span text)
    __attribute__((nonnull, warn_unused_result));

// What the server said against the credential in a challenge, in words, cleaned; "" where it
// said nothing. Valid until the next call on this object.
const char *auth_complaint(const struct auth *a) __attribute__((nonnull, returns_nonnull));
// Takes the secret, and what was made of it, out of what the server said: some repeat what they
// were sent, and that ends in logs.
void auth_conceal(const struct auth *a, struct buf *text) __attribute__((nonnull));
// What the login is bound to the connection by, as far as the mechanism at hand does so; else
// "".
const char *auth_binding(const struct auth *a) __attribute__((nonnull, returns_nonnull));

// Of an answer to AUTH, or of the trouble that came of it: the mechanism was refused, so that
// another one may do (RFC 4954, 4 and 6; RFC 5248).
bool auth_mechanism_refused(const struct outcome *o) __attribute__((nonnull));
// The credential was refused for good, so that only another one can do.
bool auth_refused(const struct outcome *o) __attribute__((nonnull));

#endif
