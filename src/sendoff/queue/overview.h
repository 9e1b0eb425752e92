// SPDX-License-Identifier: ISC
// The queue for people: what waits, since when, and why.
#ifndef SENDOFF_OVERVIEW_H
#define SENDOFF_OVERVIEW_H

#include "sendoff/queue/listing.h"
#include "sendoff/terminal.h"

// Appends one message, in two or three lines: its figures and what it waits for, whom it is
// from and to, why it waits. None is wider than the terminal; recipients who do not fit are
// counted.
void overview_put(struct buf *out, const struct listing *l, const struct listed *one,
                  const struct terminal *t) __attribute__((nonnull));
// Appends a span of time in the largest unit that makes at least 2 of it: "90m", not "1h".
void overview_put_time(struct buf *out, int64_t us) __attribute__((nonnull));
// Appends a number of octets, in K, M or G from 1024 on.
void overview_put_size(struct buf *out, uint64_t octets) __attribute__((nonnull));
// Appends the line that sums the queue up: how many, in which state, and how old.
void overview_put_sum(struct buf *out, const struct listing *l) __attribute__((nonnull));
// The same, broken at blanks where the terminal is too narrow for it.
void overview_put_end(struct buf *out, const struct listing *l, const struct terminal *t)
    __attribute__((nonnull));
// Where mail waits for an account that is left alone after trouble: appends a line of that.
void overview_put_account(struct buf *out, const struct listing *l, const struct terminal *t)
    __attribute__((nonnull));

#endif
