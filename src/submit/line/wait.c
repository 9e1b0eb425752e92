// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/line/wait.h"

#include <errno.h>

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

enum wait_answer wait_for(struct wait *w, struct pollfd *one, short events, int64_t deadline)
{
    struct pollfd set[3];
    for (;;) {
        int64_t now = clock_steady();
        int64_t end = deadline < w->stop_by ? deadline : w->stop_by;
        int64_t left = end > now ? end - now : 0;
        set[0] = *one;
        set[1] = (struct pollfd){.fd = w->peer, .events = events};
        set[2] = (struct pollfd){.fd = w->signals, .events = POLLIN};
        one->revents = w->ready = 0;
        int n = poll(set, 3, (int)(left < WAIT_PIECE_MS ? left : WAIT_PIECE_MS));
        if (n < 0 && errno != EINTR)
            return WAIT_GONE;
        if (n > 0 && set[1].revents & (POLLHUP | POLLERR | POLLNVAL))
            return WAIT_GONE;
        if (n > 0 && set[2].revents && signalled(w))
            return WAIT_STOP;
        if (n > 0 && (set[0].revents || set[1].revents)) {
            one->revents = set[0].revents;
            w->ready = set[1].revents;
            return WAIT_READY;
        }
        if (n <= 0 && left == 0)
            return WAIT_LATE;
    }
}
