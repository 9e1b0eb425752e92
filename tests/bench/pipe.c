// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "pipe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { PIPE_OCTETS = 65536, PIPE_WAITING_MAX = 64 << 20 };

// Octets under way; an empty one is the end.
struct chunk {
    struct chunk *next;
    int64_t due;
    size_t at, n;
    char octets[];
};

static void put(struct pipe *p, const char *octets, size_t n, int64_t due)
{
    struct chunk *c = malloc(sizeof *c + n);
    if (!c)
        abort();
    *c = (struct chunk){.due = due, .n = n};
    memcpy(c->octets, octets, n);
    if (p->last)
        p->last->next = c;
    else
        p->first = c;
    p->last = c;
    p->waiting += n;
}

static void drop_first(struct pipe *p)
{
    struct chunk *c = p->first;
    p->first = c->next;
    if (!p->first)
        p->last = NULL;
    p->waiting -= c->n;
    free(c);
}

void pipe_init(struct pipe *p, int from, int to, int64_t delay)
{
    *p = (struct pipe){.from = from, .to = to, .delay = delay, .came = INT64_MIN / 2};
}

bool pipe_hungry(const struct pipe *p)
{
    return !p->ended && p->waiting < PIPE_WAITING_MAX;
}

void pipe_take(struct pipe *p, int64_t now)
{
    char octets[PIPE_OCTETS];
    ssize_t got = recv(p->from, octets, sizeof octets, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got > 0) {
        p->flights += now - p->came > p->delay;
        p->came = now;
        p->octets += (uint64_t)got;
    }
    p->ended = got <= 0;
    put(p, octets, got > 0 ? (size_t)got : 0, now + p->delay);
}

void pipe_free(struct pipe *p)
{
    while (p->first)
        drop_first(p);
}

void pipe_give(struct pipe *p, int64_t now)
{
    p->blocked = false;
    while (p->first && p->first->due <= now) {
        struct chunk *c = p->first;
        ssize_t gone = c->n ? send(p->to, c->octets + c->at, c->n - c->at,
                                   MSG_NOSIGNAL | MSG_DONTWAIT)
                            : 0;
        p->blocked = gone < 0 && errno == EAGAIN;
        if (p->blocked)
            return;
        if (gone < 0 || c->n == 0) {
            shutdown(p->to, SHUT_WR);
            p->ended = p->closed = true;
            pipe_free(p);
            return;
        }
        c->at += (size_t)gone;
        if (c->at == c->n)
            drop_first(p);
    }
}

int64_t pipe_due(const struct pipe *p)
{
    return p->first && !p->blocked ? p->first->due : INT64_MAX;
}
