// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/drop/dropplaces.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/fifo.h"
#include "base/io.h"
#include "base/local.h"
#include "base/signals.h"

enum {
    UID_NOBODY = 65534,    // what the kernel calls a user that it has no number for
    ACCEPTED_AT_ONCE = 64, // before the guests that are there get their turn again
    LOOK_MS = 1000,        // between two looks at the time while somebody is here
    LOOK_IDLE = 60000,
};

static bool is_here(const struct dropguest *g)
{
    return g->fd >= 0;
}

// ---- Who is here

static size_t count_guests(const struct dropplaces *p)
{
    size_t n = 0;
    for (size_t i = 0; i < DROPPLACES_MOST; i++)
        n += is_here(&p->guests[i]);
    return n;
}

static size_t count_of(const struct dropplaces *p, uid_t uid)
{
    size_t n = 0;
    for (size_t i = 0; i < DROPPLACES_MOST; i++)
        n += is_here(&p->guests[i]) && p->guests[i].uid == uid;
    return n;
}

// Octets in a second, so far.
static uint64_t pace_of(const struct dropguest *g, int64_t now)
{
    return g->handin.octets * 1000 / (uint64_t)(now - g->since + 1);
}

// The slowest guest (of that user, unless any will do) that has had its time; NULL for none.
static struct dropguest *find_slowest(struct dropplaces *p, bool any, uid_t uid, int64_t now)
{
    struct dropguest *slowest = NULL;
    for (size_t i = 0; i < DROPPLACES_MOST; i++) {
        struct dropguest *g = &p->guests[i];
        if (is_here(g) && (any || g->uid == uid) && now - g->since > DROPPLACES_BEGIN &&
            (!slowest || pace_of(g, now) < pace_of(slowest, now)))
            slowest = g;
    }
    return slowest;
}

static void send_away(struct dropguest *g, const char *why)
{
    dropguest_refuse(g, EX_TEMPFAIL, why);
    dropguest_end(g);
}

static bool make_room(struct dropplaces *p, bool any, uid_t uid, int64_t now)
{
    struct dropguest *slowest = find_slowest(p, any, uid, now);
    if (slowest)
        send_away(slowest, "too slow while others wait");
    return slowest;
}

// ---- Coming

static struct dropguest *free_place(struct dropplaces *p)
{
    for (size_t i = 0; i < DROPPLACES_MOST; i++)
        if (!is_here(&p->guests[i]))
            return &p->guests[i];
    return NULL;
}

static void seat_guest(struct dropplaces *p, struct dropguest *place, int fd, uid_t uid,
                       int64_t now)
{
    bool full = count_of(p, uid) >= DROPPLACES_EACH && !make_room(p, false, uid, now);
    dropguest_begin(place, fd, uid, now);
    place->nameless = uid == (uid_t)-1 || (uid == UID_NOBODY && p->strangers);
    if (full) {
        dropguest_put_off(place);
        dropguest_end(place);
    }
}

// Lets in whoever waits at the door, as far as there is room.
static int let_in(struct dropplaces *p, int64_t now)
{
    for (int i = 0; i < ACCEPTED_AT_ONCE; i++) {
        struct dropguest *place = free_place(p);
        if (!place && make_room(p, true, 0, now))
            place = free_place(p);
        if (!place)
            return 0;
        int fd = local_accept(p->listener);
        // Whatever it is that is short, some of it comes back when a guest leaves.
        if (fd < 0)
            return errno == EBADF || errno == EINVAL || errno == ENOTSOCK ? -1 : 0;
        uid_t uid;
        if (local_peer(fd, &uid))
            uid = (uid_t)-1;
        seat_guest(p, place, fd, uid, now);
    }
    return 0;
}

// ---- Staying

// A guest with the same ticket is the one that came before, and was lost: it must not store
// what is handed in anew, or was said not to be there.
static void end_namesakes(struct dropplaces *p, const struct dropguest *g)
{
    for (size_t i = 0; i < DROPPLACES_MOST; i++) {
        struct dropguest *other = &p->guests[i];
        if (other != g && is_here(other) && other->uid == g->uid &&
            strcmp(other->handin.ticket, g->handin.ticket) == 0)
            dropguest_end(other);
    }
}

// Whether something was stored.
static bool serve_one(struct dropplaces *p, struct dropguest *g)
{
    int64_t now = clock_steady();
    enum dropguest_next next = dropguest_step(g, &p->rules, now);
    if (next == DROPGUEST_NAMED) {
        end_namesakes(p, g);
        next = dropguest_admit(g, &p->rules, now);
    }
    if (next != DROPGUEST_GOES)
        return false;
    bool stored = g->stored;
    dropguest_end(g);
    return stored;
}

static void send_away_late(struct dropplaces *p, int64_t now)
{
    for (size_t i = 0; i < DROPPLACES_MOST; i++) {
        struct dropguest *g = &p->guests[i];
        if (!is_here(g))
            continue;
        if (!dropguest_is_seated(g) && now - g->since > DROPPLACES_BEGIN)
            send_away(g, "too slow: no envelope yet");
        else if (now - g->heard > DROPPLACES_SILENCE)
            send_away(g, "silent for too long");
    }
}

// ---- The loop

enum { SIGNALS, LEASH, LISTENER, GUESTS }; // of what is polled, in this order

struct poll_round {
    struct pollfd polled[DROPPLACES_MOST + GUESTS];
    size_t place[DROPPLACES_MOST + GUESTS];
    size_t n;
};

static void watch(struct poll_round *r, int fd, size_t place)
{
    r->polled[r->n] = (struct pollfd){.fd = fd, .events = POLLIN};
    r->place[r->n++] = place;
}

static int wait_for_news(struct dropplaces *p, struct poll_round *r, bool open, int64_t wait)
{
    int64_t now = clock_steady();
    bool room = free_place(p) || find_slowest(p, true, 0, now);
    r->n = 0;
    watch(r, p->signals, 0);
    watch(r, open ? p->leash : -1, 0);
    watch(r, open && room ? p->listener : -1, 0);
    for (size_t i = 0; i < DROPPLACES_MOST; i++)
        if (is_here(&p->guests[i]))
            watch(r, p->guests[i].fd, i);
    // Not ready is as good as nothing: time is looked at below, in any case.
    return poll(r->polled, (nfds_t)r->n, (int)wait) < 0 && errno != EINTR ? -1 : 0;
}

// Whether a signal asks for it, or nobody holds the leash any more.
static bool is_to_end(const struct dropplaces *p, const struct poll_round *r)
{
    char ignored[256];
    bool asked = signals_came(p->signals);
    return (r->polled[LEASH].revents && io_read(p->leash, ignored, sizeof ignored) == 0) ||
           asked;
}

// A guest whose namesake came in this round may be gone, and its place taken.
static void serve_guests(struct dropplaces *p, const struct poll_round *r)
{
    bool stored = false;
    for (size_t i = GUESTS; i < r->n; i++) {
        struct dropguest *g = &p->guests[r->place[i]];
        if (r->polled[i].revents && g->fd == r->polled[i].fd)
            stored |= serve_one(p, g);
    }
    if (stored && p->bell[0] && fifo_ring(p->bell)) {
        // Nobody listens: the schedule sends it.
    }
}

int dropplaces_serve(struct dropplaces *p)
{
    struct poll_round r;
    int64_t end = 0, busy = clock_steady();
    for (size_t i = 0; i < DROPPLACES_MOST; i++)
        p->guests[i] = (struct dropguest){.fd = -1, .deposit = {.fd = -1}};
    int bad = 0;
    while (!bad) {
        int64_t now = clock_steady();
        size_t guests = count_guests(p);
        if (guests)
            busy = now;
        if (end ? !guests || now >= end : p->idle && now - busy >= p->idle)
            break;
        bad = wait_for_news(p, &r, !end, guests ? LOOK_MS : p->idle ? p->idle : LOOK_IDLE);
        if (bad)
            break;
        if (is_to_end(p, &r) && !end)
            end = clock_steady() + SIGNALS_GRACE;
        serve_guests(p, &r);
        send_away_late(p, clock_steady());
        if (!end && r.polled[LISTENER].revents)
            bad = let_in(p, clock_steady());
    }
    for (size_t i = 0; i < DROPPLACES_MOST; i++)
        if (is_here(&p->guests[i]))
            dropguest_end(&p->guests[i]);
    return bad;
}
