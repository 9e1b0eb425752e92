// SPDX-License-Identifier: ISC
// One pass over one spool: lock, list, and one session after the other while they get on.
#ifndef SENDOFF_SERVE_H
#define SENDOFF_SERVE_H

#include "sendoff/pass/pass.h"

// Makes the pass over the spool at `path`, adding to p->result. 0, or a status of sysexits(3)
// with the complaint in *why: EX_TEMPFAIL where the lock is held by somebody else for
// `patience` milliseconds or the spool can not be read. A spool that is not there is an empty
// one.
int serve(struct pass *p, const char *path, int patience, struct buf *why)
    __attribute__((nonnull, warn_unused_result));

#endif
