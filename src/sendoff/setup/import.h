// SPDX-License-Identifier: ISC
// `sendoff import`: another program's config as one of ours. What could not be carried over is
// said on standard error, line by line; passwords go to files of their own.
#ifndef SENDOFF_IMPORT_H
#define SENDOFF_IMPORT_H

#include "sendoff/call.h"

// sendoff import [--format msmtp|ssmtp|nullmailer|dma] [--output FILE] FILE. A status of
// sysexits(3): EX_NOINPUT, EX_DATAERR where there is no account in it, EX_CANTCREAT.
int import_command(struct call *call) __attribute__((nonnull));

#endif
