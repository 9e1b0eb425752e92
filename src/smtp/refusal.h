// SPDX-License-Identifier: ISC
// What a refusal means for the command, the message or the recipient, and what may be tried
// again without (RFC 5321, 4.1.1.11 and 4.5.3.1.10).
#ifndef SMTP_REFUSAL_H
#define SMTP_REFUSAL_H

#include "smtp/smtp.h"

// The verdict of the refusal that has just come.
struct outcome refusal_of(const struct smtp *s, enum scope scope) __attribute__((nonnull));
// Likewise of a message that came in chunks, which may have to go out otherwise. It may have
// been taken for commands, so nothing but the reply to a lone RSET tells that the server hears
// us.
struct outcome refusal_of_chunk(struct smtp *s, struct smtp_transaction *t)
    __attribute__((nonnull));
// Of a line that was refused, answered by *a: what it may be told again without, in addition to
// what it was told without already; 0 where it is the refusal of what was said, not of how.
unsigned refusal_spares(const struct smtp *s, const struct smtp_awaited *a)
    __attribute__((nonnull));
// Whether a recipient was refused only because others were taken in the same transaction.
bool refusal_is_of_many(const struct smtp *s) __attribute__((nonnull));
// That line was taken: what it was told without, and was refused with before, is known now.
void refusal_settled(struct smtp *s, const struct smtp_awaited *a) __attribute__((nonnull));

#endif
