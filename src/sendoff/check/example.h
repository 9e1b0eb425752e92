// SPDX-License-Identifier: ISC
// What the sender policy makes of this user's mail, in a line for `sendoff check`.
#ifndef SENDOFF_EXAMPLE_H
#define SENDOFF_EXAMPLE_H

#include <stdbool.h>

#include "base/buf.h"
#include "config/config.h"

// Appends a line such as "force: root@host.example -> me@example.com" for the account; false
// where it tells why the policy can not be kept. The config is good (config_load returned 0).
bool example_sender(const struct config *c, const struct config_account *a, struct buf *out)
    __attribute__((nonnull, warn_unused_result));

// The same for a user, host and domain of that name; the domain may be empty.
bool example_put(const struct config *c, const struct config_account *a, struct span login,
                 struct span host, struct span domain, struct buf *out)
    __attribute__((nonnull, warn_unused_result));

// Appends the envelope sender that this user's mail goes out with; "" and false where there is
// none to be had.
bool example_envelope(const struct config *c, const struct config_account *a, struct buf *out)
    __attribute__((nonnull));

#endif
