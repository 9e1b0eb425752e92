// SPDX-License-Identifier: ISC
// What MAIL and RCPT may say (RFC 5321, 4.1.1): the path's form, and that each parameter
// belongs to an extension that was offered. It is strict, so that a client's slip fails a test.
#ifndef TOOLS_TRANSACTION_H
#define TOOLS_TRANSACTION_H

#include <stdbool.h>

#include "base/text.h"
#include "house.h"

// Looks at the line `MAIL FROM:...` or `RCPT TO:...`. NULL where it may be accepted, else the
// reply that refuses it.
const char *transaction_check(const struct house *h, bool mail, struct span line)
    __attribute__((nonnull));

#endif
