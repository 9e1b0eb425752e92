// SPDX-License-Identifier: ISC
// Who is to be called when: the addresses of one host raced as RFC 8305 wants it (Happy
// Eyeballs). The families take turns; the next address is tried when the last one failed, or
// has not answered for a while, and all that were tried stay in the race until one wins. Pure:
// no sockets and no clock; the caller tells what happened and what time it is.
//
// getaddrinfo gives both families at once, so the delay for the slower answer (section 3) is
// not needed: what it waits for, it waits for itself.
#ifndef SUBMIT_RACE_H
#define SUBMIT_RACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RACE_MOST = 16,  // addresses of one host that are of interest
    RACE_DELAY = 250 // milliseconds between two attempts (RFC 8305, 8)
};

// Puts n addresses in order: `order` gets their indices. Families (any numbers) take turns,
// beginning with that of the first address, each in the order it came (RFC 8305, 4). `first`,
// where it is below n, goes before all others.
void race_order(const int *families, size_t n, size_t first, size_t *order)
    __attribute__((nonnull));

enum race_state { RACE_WAITING, RACE_RUNNING, RACE_OUT };

struct race {
    size_t n;
    size_t begun; // those from here on have not been tried
    int64_t next; // when the one at `begun` is due
    enum race_state state[RACE_MOST];
};

// n runners, numbered in the order in which to start.
void race_init(struct race *r, size_t n) __attribute__((nonnull));

// Starts the next runner if it is due at `now` (milliseconds). Its number, or -1.
int race_start(struct race *r, int64_t now) __attribute__((nonnull, warn_unused_result));
// When race_start has something to do by itself; INT64_MAX where all have started.
int64_t race_due(const struct race *r) __attribute__((nonnull));

// That runner is out; the next one need not wait for its time.
void race_out(struct race *r, size_t runner) __attribute__((nonnull));

// Whether nobody runs, and nobody is left to start.
bool race_is_over(const struct race *r) __attribute__((nonnull));

#endif
