// SPDX-License-Identifier: ISC
// Takes messages through sendoff-submit. Nothing is claimed before a session stands, so trouble
// with the line judges no message.
#ifndef SENDOFF_CARRY_H
#define SENDOFF_CARRY_H

#include "sendoff/pass/pass.h"

// Runs sendoff-submit once (or once more, where it says that a fresh credential may help) with
// *first, which is taken over, and what comes after it. What the session did not get to is put
// back to the end of its list. False where the line or the account is in trouble and nothing
// was judged, so that another session would fare no better.
bool carry(struct pass *p, const struct turn *first)
    __attribute__((nonnull, warn_unused_result));

#endif
