// SPDX-License-Identifier: ISC
// The mechanisms of libsasl2, which is known to cyrus.c alone. One is started at a time, on a
// connection object of its own, because libsasl2 would choose by rules of its own and keeps no
// promise about a second attempt.
#ifndef SUBMIT_CYRUS_H
#define SUBMIT_CYRUS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/text.h"

struct auth_line;
struct cyrus;

// Loads the packages with these mechanisms, names parted by blanks, as far as they are there.
// The secret is copied, the name borrowed. One such object at a time. NULL, and *why told,
// where that fails.
struct cyrus *cyrus_new(const char *user, struct span secret, const char *mechanisms,
                        struct buf *why) __attribute__((nonnull, warn_unused_result));
// Wipes what it knew. NULL is accepted.
void cyrus_free(struct cyrus *c);

// What SCRAM tells the server of channel binding (RFC 5802, 5.1 and 6).
enum cyrus_binding {
    CYRUS_UNBOUND,   // we can not, or will not: 'n'
    CYRUS_UNOFFERED, // we could, and think that the server can not: 'y'
    CYRUS_BOUND,     // we do: 'p'
};

// Starts a mechanism, NAME-PLUS where it is bound. *initial as auth_begin's. False, and *why
// told, where it can not be started.
bool cyrus_begin(struct cyrus *c, const char *mechanism, const struct auth_line *line,
                 enum cyrus_binding binding, struct span *initial, struct buf *why)
    __attribute__((nonnull, warn_unused_result));
// As auth_step, without telling whose mechanism it is.
bool cyrus_step(struct cyrus *c, struct span challenge, struct span *response, struct buf *why)
    __attribute__((nonnull, warn_unused_result));
// Whether the mechanism has come to its end.
bool cyrus_content(const struct cyrus *c) __attribute__((nonnull));

#endif
