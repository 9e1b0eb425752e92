// SPDX-License-Identifier: ISC
// Greeting, EHLO, HELO and STARTTLS: what the replies to them mean (RFC 5321, 3.1; RFC 3207).
#ifndef SMTP_PRELUDE_H
#define SMTP_PRELUDE_H

#include "smtp/smtp.h"

// Called with the reply of a class that can come at that step, never with 421, once its entry
// has left the ring.
void prelude_greeting(struct smtp *s, const struct smtp_awaited *a) __attribute__((nonnull));
void prelude_ehlo(struct smtp *s, const struct smtp_awaited *a) __attribute__((nonnull));
void prelude_helo(struct smtp *s, const struct smtp_awaited *a) __attribute__((nonnull));
void prelude_starttls(struct smtp *s, const struct smtp_awaited *a) __attribute__((nonnull));

#endif
