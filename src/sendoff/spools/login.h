// SPDX-License-Identifier: ISC
// Whose mail a spool holds, by name: for the sender policy's %u (sendoff.conf(5)).
#ifndef SENDOFF_LOGIN_H
#define SENDOFF_LOGIN_H

#include <sys/types.h>

#include "base/buf.h"
#include "config/config.h"

// Whether the account's policy asks for login names at all: passwd may ask a network.
bool login_is_wanted(const struct config *c, const struct config_account *a)
    __attribute__((nonnull));

// Appends the user's login name; "uid1000" where passwd knows none.
void login_find(uid_t uid, struct buf *out) __attribute__((nonnull));

#endif
