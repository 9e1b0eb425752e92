// SPDX-License-Identifier: ISC
// `sendoff check`: each step from the config to a login at the smarthost, a line of pass or
// fail for each; nothing is sent.
#ifndef SENDOFF_CHECK_H
#define SENDOFF_CHECK_H

#include <stdbool.h>

#include "config/config.h"

// Prints the lines on stdout. 0 when all pass, else EX_CONFIG or EX_TEMPFAIL.
int check(const struct config *config, bool usable) __attribute__((nonnull));

#endif
