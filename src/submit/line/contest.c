// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/line/contest.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "base/clock.h"
#include "base/io.h"
#include "submit/line/route.h"
#include "submit/trouble.h"

enum { CONTEST_TEXT_MAX = 2048 };

// ---- Who takes part

static size_t find_known(const struct addresses *found, const size_t *candidates, size_t n,
                         const char *known)
{
    struct buf text = BUF_INIT(128);
    size_t at = 0;
    for (; at < n; at++) {
        buf_clear(&text);
        endpoint_put(&text, &found->address[candidates[at]]);
        if (text.n && span_equal(buf_span(&text), span_of(known)))
            break;
    }
    buf_free(&text);
    return at;
}

void contest_init(struct contest *c, const struct addresses *found,
                  const struct endpoint source[ENDPOINT_SOURCES], const char *known)
{
    size_t candidates[RACE_MOST], order[RACE_MOST], n = 0;
    int families[RACE_MOST];
    bool bound = source[0].length || source[1].length;
    for (size_t i = 0; i < found->n && n < RACE_MOST; i++) {
        int family = found->address[i].at.ss_family;
        if (bound && !endpoint_of_family(source, family))
            continue;
        families[n] = family;
        candidates[n++] = i;
    }
    memcpy(c->source, source, sizeof c->source);
    c->n = n;
    race_order(families, n, find_known(found, candidates, n, known), order);
    for (size_t i = 0; i < n; i++) {
        const struct endpoint *address = &found->address[candidates[order[i]]];
        c->entrant[i] = (struct entrant){
            .address = *address,
            .source = endpoint_of_family(c->source, address->at.ss_family),
            .fd = -1};
    }
}

// ---- The race

static void drop_out(struct entrant *e, int error)
{
    io_close(e->fd);
    e->fd = -1;
    e->error = error;
}

static bool bind_to(int fd, const struct endpoint *source)
{
    return !source || bind(fd, (const struct sockaddr *)&source->at, source->length) == 0;
}

// Begins to connect. False where that came to nothing at once.
static bool begin(struct entrant *e)
{
    static const int on = 1;
    e->fd = socket(e->address.at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (e->fd < 0) {
        drop_out(e, errno);
        return false;
    }
    // Whole groups of commands are written at once: nothing is gained by holding them back.
    setsockopt(e->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    e->unbound = !bind_to(e->fd, e->source);
    if (!e->unbound &&
        (connect(e->fd, (const struct sockaddr *)&e->address.at, e->address.length) == 0 ||
         errno == EINPROGRESS || errno == EINTR))
        return true;
    drop_out(e, errno);
    return false;
}

static void start(struct contest *c, struct race *race)
{
    for (int i; (i = race_start(race, clock_steady())) >= 0;)
        if (!begin(&c->entrant[i]))
            race_out(race, (size_t)i);
}

// Looks at those of which poll said something. Whether one has won, its descriptor in *fd.
static bool look_at_all(struct contest *c, struct race *race, const struct pollfd *set, int *fd)
{
    for (size_t i = 0; i < c->n; i++) {
        struct entrant *e = &c->entrant[i];
        int error = 0;
        socklen_t n = sizeof error;
        if (e->fd < 0 || !set[i].revents)
            continue;
        if (getsockopt(e->fd, SOL_SOCKET, SO_ERROR, &error, &n))
            error = errno;
        if (!error) {
            *fd = e->fd;
            e->fd = -1;
            return true;
        }
        drop_out(e, error);
        race_out(race, i);
    }
    return false;
}

static void let_go(struct contest *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->entrant[i].fd >= 0)
            drop_out(&c->entrant[i], ETIMEDOUT);
}

enum contest_answer contest_run(struct contest *c, struct wait *w, int64_t deadline, int *fd)
{
    enum contest_answer answer = CONTEST_LOST;
    struct pollfd set[RACE_MOST];
    struct race race;
    race_init(&race, c->n);
    for (bool on = true; on;) {
        start(c, &race);
        if (race_is_over(&race))
            break;
        for (size_t i = 0; i < c->n; i++)
            set[i] = (struct pollfd){.fd = c->entrant[i].fd, .events = POLLOUT};
        int64_t due = race_due(&race);
        switch (wait_any(w, set, c->n, 0, due < deadline ? due : deadline)) {
        case WAIT_READY:
            if (look_at_all(c, &race, set, fd)) {
                answer = CONTEST_WON;
                on = false;
            }
            break;
        case WAIT_LATE: on = clock_steady() < deadline && !wait_stopping(w); break;
        case WAIT_STOP:
        case WAIT_GONE: answer = CONTEST_ENDED; on = false;
        }
    }
    let_go(c);
    return answer;
}

// ---- What became of it

static bool same_fate(const struct entrant *a, const struct entrant *b)
{
    return a->error == b->error && a->unbound == b->unbound;
}

// An address that there is no way to says less than one that did not answer: most hosts have
// IPv6 addresses, and many lines do not.
static bool counts(const struct entrant *e, bool all_barred)
{
    return e->error && (all_barred || !route_is_barred(e->error));
}

static bool are_barred(const struct contest *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->entrant[i].error && !route_is_barred(c->entrant[i].error))
            return false;
    return true;
}

// Those with the fate of entrant `first`, and it.
static void put_fate(struct buf *out, const struct contest *c, size_t first, uint16_t port)
{
    const struct entrant *e = &c->entrant[first];
    for (size_t i = first; i < c->n; i++) {
        if (!same_fate(&c->entrant[i], e))
            continue;
        buf_puts(out, i == first ? "[" : ", [");
        endpoint_put(out, &c->entrant[i].address);
        buf_puts(out, "]");
    }
    buf_printf(out, ":%u: %s%s", (unsigned)port, e->unbound ? "source_address: " : "",
               strerror(e->error));
}

void contest_tell(const struct contest *c, const char *host, uint16_t port,
                  struct outcome *trouble)
{
    struct buf text = BUF_INIT(CONTEST_TEXT_MAX);
    bool barred = are_barred(c), some = false;
    buf_printf(&text, "connect to %s", host);
    for (size_t i = 0; i < c->n; i++) {
        bool fresh = counts(&c->entrant[i], barred);
        for (size_t j = 0; j < i; j++)
            fresh = fresh && !same_fate(&c->entrant[j], &c->entrant[i]);
        if (!fresh)
            continue;
        buf_puts(&text, some ? "; " : "");
        put_fate(&text, c, i, port);
        some = true;
    }
    trouble_set(trouble, barred ? TROUBLE_ROUTE : TROUBLE_CONNECT, "%s", buf_str(&text));
    buf_free(&text);
}
