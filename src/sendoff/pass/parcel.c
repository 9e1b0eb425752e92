// SPDX-License-Identifier: ISC
#include "sendoff/pass/parcel.h"

#include "base/clock.h"

void parcel_fill(struct parcel *p, uint32_t job, const struct entry *taken)
{
    size_t count = envelope_count(&taken->block.envelope);
    static const struct outcome none = {.verdict = VERDICT_DEFERRED};
    p->job = job;
    p->entry = *taken;
    p->outcomes = (struct buf)BUF_INIT(ENVELOPE_RECIPIENTS_MAX * sizeof none);
    p->told = (struct buf)BUF_INIT(ENVELOPE_RECIPIENTS_MAX);
    p->twins = (struct buf)BUF_INIT(ENVELOPE_RECIPIENTS_MAX * sizeof(struct parcel_twin));
    p->seat = NULL;
    p->line = NULL;
    p->relay = "";
    p->begun = p->settled = p->reported = p->silent = p->removed = false;
    p->taken = p->ended = clock_wall();
    p->begun_at = p->connecting = 0;
    p->sent = 0;
    for (size_t i = 0; i < count; i++) {
        buf_put(&p->outcomes, &none, sizeof none);
        buf_putc(&p->told, 0);
    }
}

void parcel_begin(struct parcel *p)
{
    p->begun = true;
    p->begun_at = clock_wall();
}

struct outcome *parcel_outcome(const struct parcel *p, size_t recipient)
{
    return (struct outcome *)(void *)p->outcomes.p + recipient;
}

bool parcel_join(struct parcel *p, uint32_t recipient, uint32_t of)
{
    struct parcel_twin twin = {recipient, of};
    buf_put(&p->twins, (const char *)&twin, sizeof twin);
    return !p->twins.over;
}

static void tell_one(struct parcel *p, uint32_t recipient, const struct outcome *o)
{
    const struct envelope *e = &p->entry.block.envelope;
    if (recipient >= envelope_count(e) || p->told.p[recipient] ||
        envelope_recipient(e, recipient)->status != RECIPIENT_WAITING)
        return;
    *parcel_outcome(p, recipient) = *o;
    p->told.p[recipient] = 1;
}

void parcel_tell(struct parcel *p, uint32_t recipient, const struct outcome *o)
{
    const struct parcel_twin *twin = (const struct parcel_twin *)(void *)p->twins.p;
    tell_one(p, recipient, o);
    for (size_t i = 0; i < p->twins.n / sizeof *twin; i++)
        if (twin[i].of == recipient)
            tell_one(p, twin[i].recipient, o);
}

void parcel_tell_rest(struct parcel *p, const struct outcome *o)
{
    for (size_t i = 0; i < envelope_count(&p->entry.block.envelope); i++)
        tell_one(p, (uint32_t)i, o);
}

bool parcel_has_final(const struct parcel *p)
{
    for (size_t i = 0; i < p->told.n; i++)
        if (p->told.p[i] &&
            (parcel_outcome(p, i)->verdict != VERDICT_DEFERRED || parcel_outcome(p, i)->doubt))
            return true;
    return false;
}

bool parcel_is_partial(const struct parcel *p)
{
    const struct envelope *e = &p->entry.block.envelope;
    bool rest = false;
    for (size_t i = 0; i < p->told.n; i++) {
        if (p->told.p[i] && parcel_outcome(p, i)->verdict == VERDICT_DEFERRED)
            return false;
        rest |= !p->told.p[i] && envelope_recipient(e, i)->status == RECIPIENT_WAITING;
    }
    return rest && parcel_has_final(p);
}

void parcel_empty(struct parcel *p)
{
    entry_close(&p->entry);
    buf_free(&p->outcomes);
    buf_free(&p->told);
    buf_free(&p->twins);
    p->job = 0;
}

bool parcel_is_judged(const struct parcel *p)
{
    for (size_t i = 0; i < p->told.n; i++) {
        const struct outcome *o = parcel_outcome(p, i);
        if (p->told.p[i] &&
            (o->verdict != VERDICT_DEFERRED || o->scope != SCOPE_SESSION || o->doubt))
            return true;
    }
    return false;
}
