// SPDX-License-Identifier: ISC
// One direction of a long line: octets go in at one end and come out at the other after a time,
// in order, as many at once as there are. It knows sockets, not connections.
#ifndef BENCH_PIPE_H
#define BENCH_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chunk;

struct pipe {
    int from, to;  // descriptors of sockets, not owned
    int64_t delay; // microseconds
    struct chunk *first, *last;
    size_t waiting;   // octets under way
    int64_t came;     // when something came last
    uint64_t octets;  // that came so far
    uint64_t flights; // groups of octets with silence of more than a `delay` between them
    bool ended;       // nothing more will come
    bool closed;      // and all of it has gone
    bool blocked;     // the far end takes no more at this moment
};

void pipe_init(struct pipe *p, int from, int to, int64_t delay) __attribute__((nonnull));
// Whether it would take more; with too much under way, or at the end, it would not.
bool pipe_hungry(const struct pipe *p) __attribute__((nonnull));
// Takes in what has come at `now`.
void pipe_take(struct pipe *p, int64_t now) __attribute__((nonnull));
// Hands on what is due at `now`. The end of the one side becomes the end of the other.
void pipe_give(struct pipe *p, int64_t now) __attribute__((nonnull));
// When pipe_give has something to do next; INT64_MAX when nothing is under way.
int64_t pipe_due(const struct pipe *p) __attribute__((nonnull));
void pipe_free(struct pipe *p) __attribute__((nonnull));

#endif
