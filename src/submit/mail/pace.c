// SPDX-License-Identifier: ISC
#include "submit/mail/pace.h"

#include "smtp/smtp.h"

static unsigned first(const struct pace *p)
{
    return p->most < PACE_FIRST ? p->most : PACE_FIRST;
}

void pace_init(struct pace *p, uint64_t most)
{
    if (most > SMTP_DEPTH_MAX)
        most = SMTP_DEPTH_MAX;
    p->most = most ? (unsigned)most : 1;
    p->now = first(p);
}

void pace_take(struct pace *p, const struct outcome *o)
{
    if (o->verdict == VERDICT_DELIVERED && p->now < p->most)
        p->now++;
    if (o->verdict == VERDICT_DEFERRED && o->code)
        p->now = first(p);
}
