// SPDX-License-Identifier: ISC
// What must hold between the keys of a config, once each of them is good for itself. Pure.
#ifndef CONFIG_RULES_H
#define CONFIG_RULES_H

#include <stdbool.h>

#include "base/buf.h"
#include "config/config.h"

// False where something does not hold; "SECTION: KEY: what is wrong" is then appended to *why.
bool rules_hold(const struct config *c, struct buf *why)
    __attribute__((nonnull, warn_unused_result));

#endif
