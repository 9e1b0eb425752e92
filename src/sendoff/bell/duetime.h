// SPDX-License-Identifier: ISC
// When a pass has something to do again, for who keeps the schedule. It reads file times and
// the account's memory, and opens no message.
#ifndef SENDOFF_DUETIME_H
#define SENDOFF_DUETIME_H

#include <stdint.h>

#include "config/config.h"

// The earliest time after `now` at which a message becomes due or the account may be tried
// again; microseconds since 1970. INT64_MAX where none is known. What is due already is left
// out: a pass has just seen it.
int64_t duetime(const struct config *config, int64_t now) __attribute__((nonnull));

#endif
