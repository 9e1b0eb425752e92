// SPDX-License-Identifier: ISC
// The ring of awaited replies, the output and the end of the session, for the rooms of the
// client; nobody else includes it.
#ifndef SMTP_ENGINE_H
#define SMTP_ENGINE_H

#include "smtp/smtp.h"

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

// Whether there is something to tell: nothing new is begun before it was told.
bool engine_has_news(const struct smtp *s) __attribute__((nonnull));
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

#endif
