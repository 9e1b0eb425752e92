// SPDX-License-Identifier: ISC
// sendoff status: how the queue and the accounts are doing, for people; with --metrics, for
// Prometheus.
#ifndef SENDOFF_STATUS_H
#define SENDOFF_STATUS_H

#include "sendoff/call.h"

// The command. A status of sysexits(3).
int status_command(struct call *call) __attribute__((nonnull, warn_unused_result));

#endif
