// SPDX-License-Identifier: ISC
// The step of `sendoff check` that asks whether the queue moves by itself: who hears the bell,
// and what tries again later. It says what it looked at: there are more ways than it knows.
#ifndef SENDOFF_CHECKBELL_H
#define SENDOFF_CHECKBELL_H

#include "config/config.h"
#include "sendoff/check/checkup.h"

// What was found that tries again what could not be sent at once, NULL for nothing; then how to
// have it.
const char *checkbell_timer(const struct config *config) __attribute__((nonnull));
const char *checkbell_advice(const struct config *config)
    __attribute__((nonnull, returns_nonnull));

void checkbell(struct checkup *c, const struct config *config) __attribute__((nonnull));

#endif
