// SPDX-License-Identifier: ISC
// A message of the queue, to be looked at.
#ifndef SENDOFF_SHOW_H
#define SENDOFF_SHOW_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

// Prints them on stdout: what is known of each and then its text, both cleaned; with `raw` the
// stored messages as they are, without our own block. 0, or a status of sysexits(3):
// EX_NOINPUT where there is no such message, EX_DATAERR where one can not be shown.
int show(const struct config *config, char *const *ids, size_t n, bool raw, struct buf *why)
    __attribute__((nonnull, warn_unused_result));

#endif
