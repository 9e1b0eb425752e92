// SPDX-License-Identifier: ISC
// sendmail -bv and -bt: what would become of an address, without sending anything. The ways are
// those that a message takes (recipients.h).
#ifndef SENDMAIL_VERIFY_H
#define SENDMAIL_VERIFY_H

#include "config/config.h"
#include "sendmail/args.h"

// Prints a line for each recipient that the operands lead to. 0, or the status of the first
// that leads nowhere: EX_DATAERR for what is no address, EX_NOUSER for a bare name that nothing
// is known about, EX_NOHOST where no account would send it. Complaints go to stderr.
int verify(const struct args *a, const struct config *config, struct buf *why)
    __attribute__((nonnull, warn_unused_result));

#endif
