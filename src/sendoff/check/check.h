// SPDX-License-Identifier: ISC
// `sendoff check`: each step from the config to a recipient whom the smarthost takes, a line of
// pass or fail for each, and what mends it; nothing is sent but with --send. Here are the
// command line and the steps of the network, which are sendoff-submit's.
#ifndef SENDOFF_CHECK_H
#define SENDOFF_CHECK_H

#include "config/config.h"
#include "sendoff/call.h"
#include "sendoff/check/checkup.h"

// sendoff check [--print] [--json] [--send ADDRESS]. 0 where all is well (warnings do not
// count), EX_CONFIG where somebody has to mend something, EX_TEMPFAIL where it may pass.
int check_command(struct call *call) __attribute__((nonnull));

// All steps, said in *c; `send` is the address that a test mail goes to, "" for none.
void check(struct checkup *c, const struct config *config, bool usable, const char *send)
    __attribute__((nonnull));

#endif
