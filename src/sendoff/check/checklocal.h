// SPDX-License-Identifier: ISC
// The steps of `sendoff check` that need no network: what the config says and who can read it,
// the spools, the names of this host, and where mail from and for it goes.
#ifndef SENDOFF_CHECKLOCAL_H
#define SENDOFF_CHECKLOCAL_H

#include "config/config.h"
#include "sendoff/check/checkup.h"

// Which file counts and why, whether it says anything wrong, who may read it.
void checklocal_config(struct checkup *c, const struct config *config, bool usable)
    __attribute__((nonnull));
// The caller's own spool, which is made if it is missing: whether a message could be queued
// there now. True where there is one, so that there is a queue to speak of.
bool checklocal_spool(struct checkup *c, const struct config *config) __attribute__((nonnull));
// For root, whose pass serves all users: whether nobody can get in its way, and whom it leaves.
void checklocal_root(struct checkup *c, const struct config *config) __attribute__((nonnull));
void checklocal_domain(struct checkup *c, const struct config *config) __attribute__((nonnull));
// What injection would skip of the aliases file.
void checklocal_aliases(struct checkup *c, const struct config *config)
    __attribute__((nonnull));
// Where mail for root goes, and so what daemons have to say.
void checklocal_recipients(struct checkup *c, const struct config *config)
    __attribute__((nonnull));
// What the sender policy makes of this user's mail. The config is usable.
void checklocal_sender(struct checkup *c, const struct config *config) __attribute__((nonnull));

#endif
