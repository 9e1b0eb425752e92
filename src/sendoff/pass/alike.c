// SPDX-License-Identifier: ISC
#include "sendoff/pass/alike.h"

// The one code by which all that was told of the message refuses it as a whole, 0 where it is
// not so.
static uint16_t refusal(const struct parcel *p)
{
    uint16_t code = 0;
    for (size_t i = 0; i < p->told.n; i++) {
        const struct outcome *o = parcel_outcome(p, i);
        if (!p->told.p[i])
            continue;
        if (o->verdict != VERDICT_FAILED || o->scope != SCOPE_MESSAGE || !o->code ||
            (code && o->code != code))
            return 0;
        code = o->code;
    }
    return code;
}

static bool is_accepted(const struct parcel *p)
{
    for (size_t i = 0; i < p->told.n; i++)
        if (p->told.p[i] && parcel_outcome(p, i)->verdict == VERDICT_DELIVERED)
            return true;
    return false;
}

static void defer(struct parcel *p)
{
    for (size_t i = 0; i < p->told.n; i++)
        if (p->told.p[i])
            parcel_outcome(p, i)->verdict = VERDICT_DEFERRED;
}

bool alike_look(struct alike *a, struct parcel *p, uid_t user, bool several)
{
    uint16_t code = refusal(p);
    if (is_accepted(p))
        a->accepted = true;
    if (!code || a->accepted)
        return true;
    if (a->convicted) {
        defer(p);
        return true;
    }
    if (a->n && refusal(a->kept[0]) != code)
        return true;
    if (a->n == 0)
        a->user = user;
    a->users |= user != a->user;
    a->kept[a->n++] = p;
    if (a->n < ALIKE_MANY)
        return false;
    if (several && !a->users) {
        // Only a second user's can tell; he has had his turns by now.
        a->accepted = a->n == ALIKE_KEPT;
        return false;
    }
    a->convicted = true;
    for (size_t i = 0; i < a->n; i++)
        defer(a->kept[i]);
    return false;
}

bool alike_keeps(const struct alike *a, const struct parcel *p)
{
    for (size_t i = 0; i < a->n; i++)
        if (a->kept[i] == p)
            return true;
    return false;
}

struct parcel *alike_release(struct alike *a, bool end)
{
    if (a->n == 0 || !(end || a->accepted || a->convicted))
        return NULL;
    return a->kept[--a->n];
}
