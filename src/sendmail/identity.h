// SPDX-License-Identifier: ISC
// Who is calling: the effective user, never what USER or LOGNAME say. The passwd database may
// ask a network, so it is asked only when a name must be made up (HAZARDS 20).
#ifndef SENDMAIL_IDENTITY_H
#define SENDMAIL_IDENTITY_H

#include "base/buf.h"

struct identity {
    struct buf login;     // "uid1234" where passwd knows no name
    struct buf full_name; // plain text; may be empty
};

// Asks passwd, and $NAME for the full name where the environment is the user's own. The caller
// ends it with identity_free.
void identity_find(struct identity *who) __attribute__((nonnull));
void identity_free(struct identity *who) __attribute__((nonnull));

#endif
