// SPDX-License-Identifier: ISC
// The command line of sendmail(8), as its callers of forty years use it. One table says of
// every letter whether it takes a value, and what becomes of it; what we have no use for is
// accepted with its value. Options are scanned as POSIX does: the first operand ends them. No
// option names a file, a program or a host for anybody (HAZARDS 4).
#ifndef SENDMAIL_ARGS_H
#define SENDMAIL_ARGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum args_job {
    ARGS_DELIVER,  // a message from stdin
    ARGS_DIALOGUE, // -bs: SMTP on stdin and stdout
    ARGS_FLUSH,    // -q: run the queue
    ARGS_LIST,     // -bp, mailq
    ARGS_COUNT,    // -bP: how many messages wait
    ARGS_ALIASES,  // -bi, -I, newaliases
    ARGS_VERIFY,   // -bv, -bt: what would happen to the operands
    ARGS_NOTHING,  // -bh, -bH: there is no host status to show
    ARGS_VERSION,  // -bV, -d0.1, --version
};

enum { ARGS_CHOICES_MAX = 64 };

struct args {
    enum args_job job;
    bool from_header;      // -t
    bool keep_dots;        // -i, -oi
    bool gateway;          // -G
    bool eightbit;         // -B 8BITMIME
    bool utf8;             // -U, -O smtputf8=yes
    bool require_tls;      // -O requiretls=yes (RFC 8689)
    bool verbose;          // -v
    bool queue_only;       // -odq, -odd: nothing follows once it is queued
    bool no_aliases;       // -n
    const char *sender;    // -f, -r; NULL where not given
    const char *full_name; // -F; likewise
    const char *notify;    // -N, as the value of NOTIFY (RFC 3461), upper case; likewise
    const char *ret;       // -R: "FULL" or "HDRS"; likewise
    const char *envid;     // -V: xtext; likewise
    const char *choices[ARGS_CHOICES_MAX]; // -qI and the like, as words for `sendoff runq`
    size_t n_choices;
    char *const *operands; // recipients: address lists
    size_t n_operands;
};

// Reads argv. 0, or a status of sysexits(3) with the complaint in *why. Strings are argv's own.
int args_parse(struct args *a, int argc, char *const argv[], struct buf *why)
    __attribute__((nonnull, warn_unused_result));

#endif
