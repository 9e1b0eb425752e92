// SPDX-License-Identifier: ISC
#include "submit/line/race.h"

// The first that is not taken, of that family or of another one. n where
// there is none.
static size_t seek(const int *families, size_t n, const bool *taken, int family, bool same)
{
    for (size_t i = 0; i < n; i++)
        if (!taken[i] && (families[i] == family) == same)
            return i;
    return n;
}

void race_order(const int *families, size_t n, size_t first, size_t *order)
{
    bool taken[RACE_MOST] = {false};
    for (size_t at = 0; at < n; at++) {
        size_t pick = at == 0 ? (first < n ? first : 0)
                              : seek(families, n, taken, families[order[at - 1]], false);
        if (pick == n) // only this family is left
            pick = seek(families, n, taken, families[order[at - 1]], true);
        taken[pick] = true;
        order[at] = pick;
    }
}

void race_init(struct race *r, size_t n)
{
    *r = (struct race){.n = n < RACE_MOST ? n : RACE_MOST, .next = INT64_MIN};
}

int race_start(struct race *r, int64_t now)
{
    if (r->begun == r->n || now < r->next)
        return -1;
    r->state[r->begun] = RACE_RUNNING;
    r->next = now + RACE_DELAY;
    return (int)r->begun++;
}

int64_t race_due(const struct race *r)
{
    return r->begun == r->n ? INT64_MAX : r->next;
}

void race_out(struct race *r, size_t runner)
{
    r->state[runner] = RACE_OUT;
    r->next = INT64_MIN;
}

bool race_is_over(const struct race *r)
{
    if (r->begun < r->n)
        return false;
    for (size_t i = 0; i < r->n; i++)
        if (r->state[i] == RACE_RUNNING)
            return false;
    return true;
}
