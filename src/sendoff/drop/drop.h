// SPDX-License-Identifier: ISC
// `sendoff drop`: takes mail in for users who can not put it into the spool themselves. It
// listens on a socket, runs as an account of its own, and stores what it is handed in that
// account's own spool, with the user's number in the block (HAZARDS 17).
#ifndef SENDOFF_DROP_H
#define SENDOFF_DROP_H

#include "sendoff/call.h"

// Runs it; returns a status of sysexits(3).
int drop(struct call *call) __attribute__((nonnull));

#endif
