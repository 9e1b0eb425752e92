// SPDX-License-Identifier: ISC
// newaliases, sendmail -bi: there is no database to be made of the aliases file, so that is
// looked through instead.
#ifndef SENDMAIL_NEWALIASES_H
#define SENDMAIL_NEWALIASES_H

#include "config/config.h"

// Prints how many aliases the config's file has, and every complaint about it to stderr. 0
// where there is none, EX_DATAERR otherwise. A standard file that is not there is fine.
int newaliases(const struct config *config, struct buf *why)
    __attribute__((nonnull, warn_unused_result));

#endif
