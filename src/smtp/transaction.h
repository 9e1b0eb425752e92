// SPDX-License-Identifier: ISC
// Transactions: what is sent when (RFC 5321, 3.3; RFC 2920, 3030).
#ifndef SMTP_TRANSACTION_H
#define SMTP_TRANSACTION_H

#include "smtp/smtp.h"

// Sends what can be sent now.
void transaction_pump(struct smtp *s) __attribute__((nonnull));
bool transaction_wants_mail(const struct smtp *s) __attribute__((nonnull));
bool transaction_wants_body(const struct smtp *s) __attribute__((nonnull));

// Its verdict, unless it has one: the first counts.
void transaction_judge(struct smtp_transaction *t, const struct outcome *o)
    __attribute__((nonnull));
// Nothing more is sent of it. `open` says that the server may still be in it.
void transaction_stop(struct smtp *s, struct smtp_transaction *t, bool open)
    __attribute__((nonnull));
// The server waits for the message.
void transaction_begin_body(struct smtp *s, struct smtp_transaction *t)
    __attribute__((nonnull));

#endif
