// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/wait.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/signals.h"

// poll's own clock stands still while the machine is suspended, so a long wait is cut into
// pieces: a deadline that passed during the sleep is seen soon after it.
enum { WAIT_PIECE_MS = 5000 };

int wait_init(struct wait *w, int peer)
{
    *w = (struct wait){.peer = peer, .signals = signals_open(), .stop_by = INT64_MAX};
    return w->signals < 0 ? -1 : 0;
}

bool wait_stopping(const struct wait *w)
{
    return w->stop_by != INT64_MAX;
}

// Whether a signal asks for the end for the first time.
static bool signalled(struct wait *w)
{
    if (!signals_came(w->signals) || wait_stopping(w))
        return false;
    w->stop_by = clock_steady() + SIGNALS_GRACE;
    return true;
}

// Takes over what poll said of the callers' descriptors, or clears it.
static bool some_ready(struct pollfd *many, size_t n, const struct pollfd *set)
{
    bool some = false;
    for (size_t i = 0; i < n; i++) {
        many[i].revents = set ? set[i].revents : 0;
        some |= many[i].revents != 0;
    }
    return some;
}

enum wait_answer wait_any(struct wait *w, struct pollfd *many, size_t n, short events,
                          int64_t deadline)
{
    struct pollfd set[WAIT_MOST + 2];
    struct pollfd *peer = set + n, *signals = peer + 1;
    for (;;) {
        int64_t now = clock_steady();
        int64_t end = deadline < w->stop_by ? deadline : w->stop_by;
        int64_t left = end > now ? end - now : 0;
        memcpy(set, many, n * sizeof *many);
        *peer = (struct pollfd){.fd = w->peer, .events = events};
        *signals = (struct pollfd){.fd = w->signals, .events = POLLIN};
        w->ready = 0;
        (void)some_ready(many, n, NULL);
        int ready = poll(set, (nfds_t)(n + 2),
                         (int)(left < WAIT_PIECE_MS ? left : WAIT_PIECE_MS));
        if (ready < 0 && errno != EINTR)
            return WAIT_GONE;
        if (ready > 0 && peer->revents & (POLLHUP | POLLERR | POLLNVAL))
            return WAIT_GONE;
        if (ready > 0 && signals->revents && signalled(w))
            return WAIT_STOP;
        if (ready > 0 && some_ready(many, n, set) | (peer->revents != 0)) {
            w->ready = peer->revents;
            return WAIT_READY;
        }
        if (ready <= 0 && left == 0)
            return WAIT_LATE;
    }
}

enum wait_answer wait_for(struct wait *w, struct pollfd *one, short events, int64_t deadline)
{
    return wait_any(w, one, 1, events, deadline);
}
