// SPDX-License-Identifier: ISC
// The mechanisms there are, strongest first, and the exchanges of those that are brought along,
// since no package may be there: PLAIN (RFC 4616), LOGIN, EXTERNAL (RFC 4422, A), OAUTHBEARER
// (RFC 7628) and XOAUTH2. The others are handed to libsasl2. auth.c alone uses this.
#ifndef SUBMIT_MECHANISM_H
#define SUBMIT_MECHANISM_H

#include <stdbool.h>
#include <stddef.h>

#include "submit/auth/auth.h"
#include "submit/auth/cyrus.h"

// What a mechanism needs, and what it is.
enum {
    MECHANISM_AUTO = 1,         // tried where auth = auto; others only by name
    MECHANISM_PASSWORD = 2,     // takes a password
    MECHANISM_TOKEN = 4,        // takes a token
    MECHANISM_BOUND = 8,        // binds itself to the connection
    MECHANISM_CERTIFICATE = 16, // the certificate shown to the server says who it is
    MECHANISM_PACKAGE = 32,     // libsasl2 has it, if its package is installed
};

// One mechanism at work.
struct attempt {
    const struct auth_login *login;
    const struct auth_line *line;
    struct cyrus *cyrus;        // NULL where no package is wanted
    enum cyrus_binding binding; // for SCRAM
    unsigned step;              // challenges answered
    bool content;
    struct buf own; // response of a mechanism that is brought along
    struct span response;
    struct buf complaint;
};

struct mechanism {
    const char *name;
    unsigned traits; // a set of the above
    // Each as its namesake of auth.h, the response in at->response; *why is told what went
    // wrong, not where.
    bool (*begin)(struct attempt *at, const struct mechanism *m, struct buf *why);
    bool (*step)(struct attempt *at, struct span challenge, struct buf *why);
};

// The next one, the strongest for NULL; NULL behind the last.
const struct mechanism *mechanism_next(const struct mechanism *m);
// By its name, in any case of letters; NULL where there is none.
const struct mechanism *mechanism_find(struct span name);

#endif
