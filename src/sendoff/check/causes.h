// SPDX-License-Identifier: ISC
// Why what is in the queue is there: each reason once, with how many messages it has. What
// waits for its account is not counted: of that the account tells.
#ifndef SENDOFF_CAUSES_H
#define SENDOFF_CAUSES_H

#include "sendoff/queue/listing.h"

enum { CAUSES_MOST = 16, CAUSES_SHOWN = 5 };

struct causes {
    size_t n;
    struct cause {
        enum listed_state state;
        uint64_t messages;
        char text[OUTCOME_TEXT_MAX + 1]; // "" for none
    } cause[CAUSES_MOST];
    uint64_t others; // messages whose reason found no room
};

// A message of the listing.
void causes_add(struct causes *c, const struct listed *one) __attribute__((nonnull));
// Puts those with the most messages first. Returns how many to show.
size_t causes_sort(struct causes *c) __attribute__((nonnull));

// Appends such as "12 waiting: 450 4.2.0 greylisted" for one, cleaned, without a line end;
// nothing for one that has no reason.
void causes_put(struct buf *out, const struct cause *cause) __attribute__((nonnull));
// What is to be done about it, "" for nothing: it passes, or the reason says it.
const char *causes_advice(const struct cause *cause) __attribute__((nonnull, returns_nonnull));

#endif
