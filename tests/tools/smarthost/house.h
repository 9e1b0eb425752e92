// SPDX-License-Identifier: ISC
// What all connections of the smarthost share, and what they report to: the log with one line
// for each event, and the counts. Everything here may be used by several threads at once; the
// settings do not change once the first connection is served.
#ifndef TOOLS_HOUSE_H
#define TOOLS_HOUSE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct script;
struct tls_server;

enum {
    HOUSE_USERS_MAX = 8,
    HOUSE_WITHHELD_MAX = 32,
    HOUSE_SIZE_LIMIT = 1 << 30 // octets of a message, unless told otherwise
};

enum house_mode { HOUSE_STARTTLS, HOUSE_IMPLICIT, HOUSE_PLAIN };

struct house_user {
    const char *name;
    const char *password;
};

struct house {
    enum house_mode mode;
    struct tls_server *tls; // NULL where the mode is HOUSE_PLAIN
    struct script *script;
    const char *directory; // where accepted messages go; NULL: nowhere
    uint64_t size_limit;
    int record[2]; // what clients send in clear, and under TLS, goes there too; -1: nowhere

    struct house_user users[HOUSE_USERS_MAX]; // none: MAIL needs no AUTH
    size_t n_users;
    const char *withheld[HOUSE_WITHHELD_MAX]; // EHLO keywords and AUTH mechanisms not offered
    size_t n_withheld;

    atomic_ullong connections, now, most; // since the start, at this moment, at most at once
    atomic_ullong handshakes, logins, messages, recipients, octets, flights;
};

// Whether the EHLO keyword or AUTH mechanism is not withheld.
bool house_offers(const struct house *h, struct span keyword) __attribute__((nonnull));

// Opens the log; NULL is standard output. 0, or -1 and errno.
int log_open(const char *path) __attribute__((warn_unused_result));
// One line: the connection's number (none for 0) and what happened, cleaned of control bytes.
void log_line(unsigned long long connection, const char *fmt, ...)
    __attribute__((nonnull, format(printf, 2, 3)));
// One line with all counts.
void log_counts(struct house *h) __attribute__((nonnull));

#endif
