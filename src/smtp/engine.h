// SPDX-License-Identifier: ISC
// What the parts of the client share, and nobody else includes: engine.c keeps the ring, the
// output and the end of the session; prelude.c, exchange.c and transaction.c know what is said
// when, and what the replies to it mean.
#ifndef SMTP_ENGINE_H
#define SMTP_ENGINE_H

#include "smtp/client.h"

// ---- engine.c

// Shows one line of the dialogue, cleaned.
void engine_trace(const struct smtp *s, char direction, struct span line)
    __attribute__((nonnull));
// Shows that n octets go out, or came in, behind a few words.
void engine_trace_octets(const struct smtp *s, char direction, const char *words, uint64_t n)
    __attribute__((nonnull));

// Shows the command that stands in the output from `start` on, and awaits its reply. t is NULL
// for what belongs to no transaction.
struct smtp_awaited *engine_command(struct smtp *s, size_t start, enum smtp_step step,
                                    struct smtp_transaction *t, size_t recipient)
    __attribute__((nonnull(1), returns_nonnull));
// Only the second half of it. The entry, in which more can be set.
struct smtp_awaited *engine_await(struct smtp *s, enum smtp_step step,
                                  struct smtp_transaction *t, size_t recipient)
    __attribute__((nonnull(1), returns_nonnull));
// Takes the head off the ring of awaited replies; there is one.
struct smtp_awaited engine_answered(struct smtp *s) __attribute__((nonnull));
// A bare verb that belongs to no transaction, sent.
void engine_verb(struct smtp *s, enum smtp_step step) __attribute__((nonnull));

// The transaction that is not sent completely; NULL where there is none.
struct smtp_transaction *engine_current(const struct smtp *s) __attribute__((nonnull));
// Whether a transaction needs nothing more, from us or from the server.
bool engine_is_over(const struct smtp_transaction *t) __attribute__((nonnull));

// Leaves an event to be told; none is waiting.
void engine_event(struct smtp *s, enum smtp_event_kind kind, uint32_t tag, size_t recipient,
                  const struct outcome *o) __attribute__((nonnull));
// An outcome without a reply: code 0 and a status of class 4.
struct outcome engine_outcome(enum scope scope, uint16_t subject, uint16_t detail,
                              const char *text) __attribute__((nonnull));

// Closes in order, with nothing to tell.
void engine_close(struct smtp *s) __attribute__((nonnull));
// Ends the session with an outcome of our own, its status 4.subject.detail, or with the words
// of the reply that has just come. The first end counts.
void engine_trouble(struct smtp *s, uint16_t subject, uint16_t detail, const char *fmt, ...)
    __attribute__((nonnull, format(printf, 4, 5)));
void engine_refused(struct smtp *s) __attribute__((nonnull));
// The line breaks, or the replies do not fit. Where the server has not yet shown in this
// session that it can take commands in groups, and has one to answer, that may be why.
void engine_suspect(struct smtp *s) __attribute__((nonnull));

// ---- What replies mean. Each is called with the reply of a class that can come at its step,
// ---- never with 421, once its entry has left the ring.

void prelude_greeting(struct smtp *s, const struct smtp_awaited *a) __attribute__((nonnull));
void prelude_ehlo(struct smtp *s, const struct smtp_awaited *a) __attribute__((nonnull));
void prelude_helo(struct smtp *s, const struct smtp_awaited *a) __attribute__((nonnull));
void prelude_starttls(struct smtp *s, const struct smtp_awaited *a) __attribute__((nonnull));
void exchange_auth(struct smtp *s, const struct smtp_awaited *a) __attribute__((nonnull));
void transaction_rset(struct smtp *s, const struct smtp_awaited *a) __attribute__((nonnull));
void transaction_mail(struct smtp *s, const struct smtp_awaited *a) __attribute__((nonnull));
void transaction_rcpt(struct smtp *s, const struct smtp_awaited *a) __attribute__((nonnull));
void transaction_data(struct smtp *s, const struct smtp_awaited *a) __attribute__((nonnull));
void transaction_bdat(struct smtp *s, const struct smtp_awaited *a) __attribute__((nonnull));
void transaction_end(struct smtp *s, const struct smtp_awaited *a) __attribute__((nonnull));

// ---- refusal.c

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

// ---- exchange.c

bool exchange_wants_auth(const struct smtp *s) __attribute__((nonnull));

// ---- transaction.c

// Sends what can be sent now.
void transaction_pump(struct smtp *s) __attribute__((nonnull));
bool transaction_wants_mail(const struct smtp *s) __attribute__((nonnull));
bool transaction_wants_body(const struct smtp *s) __attribute__((nonnull));

#endif
