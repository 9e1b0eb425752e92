// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { DRAIN_MS = 1000 };

static void nap(unsigned milliseconds)
{
    struct timespec t = {.tv_sec = milliseconds / 1000,
                         .tv_nsec = (long)(milliseconds % 1000) * 1000000};
    while (nanosleep(&t, &t) != 0 && errno == EINTR)
        ;
}

static void put_all(struct wire *w, const char *p, size_t n)
{
    while (n && !w->dead) {
        size_t part = w->split && w->split < n ? w->split : n;
        ssize_t done = w->tls ? tls_write(w->tls, p, part) : send(w->fd, p, part, MSG_NOSIGNAL);
        if (done <= 0) {
            w->dead = true;
            return;
        }
        p += done;
        n -= (size_t)done;
    }
}

static bool patient(struct wire *w)
{
    struct pollfd p = {.fd = w->fd, .events = POLLIN};
    if (!w->idle || poll(&p, 1, (int)w->idle) != 0)
        return true;
    w->idled = true;
    return false;
}

// Appended by one write, so that connections do not part each other's lines.
static void record(const struct wire *w, size_t n)
{
    int fd = w->record[w->tls ? 1 : 0];
    if (fd >= 0 && write(fd, w->in, n) != (ssize_t)n)
        abort(); // a record with gaps proves nothing
}

// Waits for input. All that is due leaves first, or both sides would wait.
static bool fill(struct wire *w)
{
    wire_flush(w);
    if (w->dead || !patient(w)) {
        w->dead = true;
        return false;
    }
    ssize_t got = w->tls ? tls_read(w->tls, w->in, sizeof w->in)
                         : recv(w->fd, w->in, sizeof w->in, 0);
    if (got <= 0) {
        w->dead = true;
        return false;
    }
    w->at = 0;
    w->n = (size_t)got;
    record(w, w->n);
    if (w->wrote)
        w->flights++;
    w->wrote = false;
    return true;
}

void wire_init(struct wire *w, int fd)
{
    int yes = 1;
    *w = (struct wire){
        .fd = fd, .record = {-1, -1}, .wrote = true, .out = BUF_INIT(WIRE_OUT_MAX)};
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

bool wire_secure(struct wire *w, struct tls_server *server, struct buf *what)
{
    wire_flush(w);
    w->at = w->n = 0;
    w->tls = tls_accept(server, w->fd, what);
    w->wrote = true;
    if (!w->tls)
        w->dead = true;
    else if (w->flights == 0)
        w->flights = 2; // the greeting comes next: the end of the handshake travels alone
    else
        w->flights += tls_flights(w->tls);
    return w->tls != NULL;
}

bool wire_line(struct wire *w, struct buf *line, bool *bare)
{
    buf_clear(line);
    for (;;) {
        struct span s = wire_peek(w);
        if (s.n == 0)
            return false;
        const char *lf = memchr(s.p, '\n', s.n);
        size_t n = lf ? (size_t)(lf - s.p) : s.n;
        buf_put(line, s.p, n);
        wire_used(w, lf ? n + 1 : n);
        if (lf)
            break;
    }
    *bare = line->n == 0 || line->p[line->n - 1] != '\r';
    if (!*bare)
        buf_cut(line, line->n - 1);
    return true;
}

struct span wire_peek(struct wire *w)
{
    if (w->at == w->n && !fill(w))
        return (struct span){0};
    return (struct span){w->in + w->at, w->n - w->at};
}

void wire_used(struct wire *w, size_t n)
{
    w->at += n;
}

bool wire_waiting(const struct wire *w, bool ask)
{
    struct pollfd p = {.fd = w->fd, .events = POLLIN};
    return w->at < w->n || (ask && poll(&p, 1, 0) > 0);
}

void wire_put(struct wire *w, struct span octets)
{
    if (w->out.n + octets.n > WIRE_OUT_MAX)
        wire_flush(w);
    buf_put_span(&w->out, octets);
}

void wire_flush(struct wire *w)
{
    if (w->out.n == 0)
        return;
    if (w->pause)
        nap(w->pause);
    put_all(w, w->out.p, w->out.n);
    buf_clear(&w->out);
    w->wrote = true;
}

void wire_stall(struct wire *w)
{
    struct pollfd p = {.fd = w->fd, .events = POLLRDHUP};
    wire_flush(w);
    while (!w->dead && poll(&p, 1, -1) < 0 && errno == EINTR)
        ;
    w->dead = true;
}

// A socket closed with input unread is reset, and the peer may lose the last reply by that.
static void drain(const struct wire *w)
{
    char nowhere[4096];
    struct pollfd p = {.fd = w->fd, .events = POLLIN};
    shutdown(w->fd, SHUT_WR);
    while (poll(&p, 1, DRAIN_MS) > 0 && recv(w->fd, nowhere, sizeof nowhere, 0) > 0)
        ;
}

void wire_end(struct wire *w, enum wire_end how)
{
    static const struct linger now = {.l_onoff = 1};
    if (how == WIRE_CLOSE)
        wire_flush(w);
    if (w->tls)
        tls_free(w->tls, how == WIRE_CLOSE && !w->dead);
    if (how == WIRE_RESET)
        setsockopt(w->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    else
        drain(w);
    close(w->fd);
    buf_free(&w->out);
    w->fd = -1;
    w->tls = NULL;
    w->dead = true;
}
