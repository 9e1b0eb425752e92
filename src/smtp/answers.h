// SPDX-License-Identifier: ISC
// What the replies within a transaction mean, as they come, for the transaction that they
// belong to (RFC 5321, 4.2 and 4.3; RFC 2920, 3.1; RFC 3030, 2).
#ifndef SMTP_ANSWERS_H
#define SMTP_ANSWERS_H

#include "smtp/smtp.h"

// Called with the reply of a class that can come at that step, never with 421, once its entry
// has left the ring.
void answers_rset(struct smtp *s, const struct smtp_awaited *a) __attribute__((nonnull));
void answers_mail(struct smtp *s, const struct smtp_awaited *a) __attribute__((nonnull));
void answers_rcpt(struct smtp *s, const struct smtp_awaited *a) __attribute__((nonnull));
void answers_data(struct smtp *s, const struct smtp_awaited *a) __attribute__((nonnull));
void answers_bdat(struct smtp *s, const struct smtp_awaited *a) __attribute__((nonnull));
void answers_end(struct smtp *s, const struct smtp_awaited *a) __attribute__((nonnull));

#endif
