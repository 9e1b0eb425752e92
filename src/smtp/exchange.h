// SPDX-License-Identifier: ISC
// AUTH (RFC 4954): what the replies to it mean. What the caller says is in smtp.h.
#ifndef SMTP_EXCHANGE_H
#define SMTP_EXCHANGE_H

#include "smtp/smtp.h"

// Called with the reply of a class that can come at that step, never with 421, once its entry
// has left the ring.
void exchange_auth(struct smtp *s, const struct smtp_awaited *a) __attribute__((nonnull));
bool exchange_wants_auth(const struct smtp *s) __attribute__((nonnull));

#endif
