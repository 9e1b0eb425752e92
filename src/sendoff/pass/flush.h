// SPDX-License-Identifier: ISC
// A flush: what waits in the spools that are served (spools.h) goes through sendoff-submit, one
// account at a time, and what became of it is settled. Trouble with the line or the account
// judges no message; the account is then left alone for a while (spool/account.h).
#ifndef SENDOFF_FLUSH_H
#define SENDOFF_FLUSH_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"
#include "sendoff/pass/settle.h"
#include "sendoff/spools/select.h"

enum { FLUSH_PATIENCE = 10 * 1000 }; // of a person; the bell has none

struct flush_options {
    bool due;                    // only what is due; else everything that is not held
    int patience;                // milliseconds that another flush is waited for
    bool verbose;                // the SMTP dialogue on stderr
    bool progress;               // how far it is, on stderr, if that is a terminal
    const struct select *select; // only these messages; NULL: all that are not held
};

struct flush_result {
    struct settle_counts counts;
    uint64_t left;       // messages that still wait after the pass, held ones not counted
    uint64_t broken;     // files that are no messages of ours, now in .failed
    uint64_t strangers;  // spools of uids that passwd does not know; left as they are
    bool only_own;       // others' spools are left: we are not root, or may not change our uid
    bool busy;           // another flush was at work: it serves what waits, and what comes
    bool backing_off;    // the account is left alone for now
    bool line_trouble;   // a session could not be had, or ended early
    struct outcome line; // why
};

// Serves the spools: root in system mode all users', everybody else his own two. 0, with the
// result; or a status of sysexits(3), the complaint in *why: EX_TEMPFAIL where another flush is
// at work for longer than `patience` (result->busy), or a spool of our own can not be read.
int flush(const struct config *config, const struct flush_options *options,
          struct flush_result *result, struct buf *why)
    __attribute__((nonnull, warn_unused_result));

#endif
