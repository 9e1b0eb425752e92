// SPDX-License-Identifier: ISC
#include "sendoff/pass/widen.h"

enum { THOUSAND = 1000 };

void widen_begin(struct widen *w, int64_t now, uint64_t judged)
{
    w->since = now;
    w->judged = judged;
}

// At least a fifth faster than before the last connection was added.
static bool has_gained(const struct widen *w, uint64_t rate)
{
    return rate >= w->before + w->before / 5;
}

bool widen_ask(struct widen *w, int64_t now, uint64_t judged, size_t left, size_t lines)
{
    int64_t elapsed = now - w->since;
    if (w->settled || w->since == 0 || lines == 0 || elapsed < WIDEN_PERIOD)
        return false;
    // Of a thousand seconds, so that slow servers leave a figure.
    uint64_t rate = (judged - w->judged) * (uint64_t)THOUSAND * THOUSAND / (uint64_t)elapsed;
    widen_begin(w, now, judged);
    if (w->before && !has_gained(w, rate)) {
        w->settled = true;
        return false;
    }
    if (rate > (uint64_t)WIDEN_BRISK * THOUSAND * lines || left <= lines ||
        left * (uint64_t)THOUSAND < rate * WIDEN_LONG)
        return false;
    w->before = rate ? rate : 1;
    return true;
}
