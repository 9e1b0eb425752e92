// SPDX-License-Identifier: ISC
// What shells offer at the TAB key, made from the table of commands (sendoff/commands.h).
#ifndef SENDOFF_COMPLETION_H
#define SENDOFF_COMPLETION_H

#include "sendoff/call.h"

// `sendoff completion bash|zsh|fish` prints it.
int completion_command(struct call *call) __attribute__((nonnull));

#endif
