// SPDX-License-Identifier: ISC
// One command line of a client (RFC 5321, 4.1.1; RFC 3030, 2), taken apart. It knows what each
// command looks like, and nothing of what came before it.
#ifndef SENDMAIL_REQUEST_H
#define SENDMAIL_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

// Octets of a line with its end: RFC 5321, 4.5.3.1.4, and what all parameters may add.
enum { REQUEST_MAX = 4096 };

// Verbs, and whether each must have an argument, may have one, or must have none.
#define REQUESTS(X)   \
    X(EHLO, NEEDED)   \
    X(HELO, NEEDED)   \
    X(MAIL, NEEDED)   \
    X(RCPT, NEEDED)   \
    X(DATA, NONE)     \
    X(BDAT, NEEDED)   \
    X(RSET, NONE)     \
    X(NOOP, OPTIONAL) \
    X(VRFY, NEEDED)   \
    X(EXPN, OPTIONAL) \
    X(HELP, OPTIONAL) \
    X(QUIT, NONE)     \
    X(AUTH, OPTIONAL) \
    X(STARTTLS, OPTIONAL)

#define REQUESTS_VERB(name, argument) REQUEST_##name,
enum request_verb { REQUESTS(REQUESTS_VERB) REQUEST_UNKNOWN };
#undef REQUESTS_VERB

// Each of these answers NULL, or the reply that refuses the line, without its line end.

struct request {
    enum request_verb verb;
    struct span argument; // of the line
};
// A line without its end.
const char *request_parse(struct request *r, struct span line)
    __attribute__((nonnull, warn_unused_result));

// What stands behind MAIL or RCPT.
struct request_path {
    struct buf mailbox; // RFC 5321; bare where it was; empty for the null sender
    struct buf options; // the parameters that the envelope keeps, parted by one space
    uint64_t size;      // SIZE, 0 where it was not said
};
void request_path_init(struct request_path *p) __attribute__((nonnull));
void request_path_free(struct request_path *p) __attribute__((nonnull));
// `verb` is REQUEST_MAIL or REQUEST_RCPT. Brackets may be missing, as in sendmail.
const char *request_path_parse(struct request_path *p, enum request_verb verb,
                               struct span argument)
    __attribute__((nonnull, warn_unused_result));

// What stands behind BDAT.
const char *request_chunk(struct span argument, uint64_t *octets, bool *last)
    __attribute__((nonnull, warn_unused_result));

#endif
