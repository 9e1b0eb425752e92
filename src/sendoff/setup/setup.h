// SPDX-License-Identifier: ISC
// `sendoff setup`: from an address to a config that works: found out, asked for, written,
// tried.
#ifndef SENDOFF_SETUP_H
#define SENDOFF_SETUP_H

#include "sendoff/call.h"

// A status of sysexits(3): that of the check where one was made; EX_USAGE where something is
// missing and nobody can be asked; EX_CANTCREAT where a config is there that is not to be
// replaced, or can not be written; EX_TEMPFAIL where he who was asked gave up.
int setup_command(struct call *call) __attribute__((nonnull));

#endif
