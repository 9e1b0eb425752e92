// SPDX-License-Identifier: ISC
// Replies that speak of the account though they were given to a message: quotas that are full
// for a day, logins that are being retired, senders that are throttled. What they refuse is not
// refused for good, and what comes next fares no better.
#ifndef MESSAGE_HEAL_H
#define MESSAGE_HEAL_H

#include <stdbool.h>

#include "message/outcome.h"

// True where the outcome is of that kind; a failure has become a deferral then.
bool heal_account(struct outcome *o) __attribute__((nonnull));

#endif
