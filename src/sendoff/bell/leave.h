// SPDX-License-Identifier: ISC
// Whose the queue is to run. In system mode root's pass serves all users, and an account has
// one memory of when to leave it alone, which is root's: whoever else asks for a flush rings
// the bell. Where all processes run as one user, as in containers, he can read the secret, and
// serves his own spool (HAZARDS 12, 13).
#ifndef SENDOFF_LEAVE_H
#define SENDOFF_LEAVE_H

#include "config/config.h"

enum leave {
    LEAVE_OWNER, // the account is his: he may flush by hand, whatever the schedule says
    LEAVE_DUE,   // he can, but only what is due
    LEAVE_NONE,  // somebody else does it for him
};

// What the effective user may do with the account. An account without a secret is anybody's,
// as far as LEAVE_DUE.
enum leave leave_of(const struct config *config, const struct config_account *account)
    __attribute__((nonnull));

#endif
