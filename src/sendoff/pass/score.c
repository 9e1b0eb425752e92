// SPDX-License-Identifier: ISC
#include "sendoff/pass/score.h"

#include "base/clock.h"
#include "sendoff/pass/pass.h"
#include "spool/counters.h"

enum { EVERY = 10 * 1000 }; // milliseconds

struct settle_counts score_counts(const struct pass *p)
{
    struct settle_counts sum = p->result->counts;
    for (size_t i = 0; i < p->turns.n_open; i++)
        settle_add_counts(&sum, &p->turns.open[i]->settlement.counts);
    return sum;
}

void score_session(struct pass *p)
{
    p->score.sessions++;
    p->score.last_session = clock_wall();
}

void score_trouble(struct pass *p)
{
    p->score.troubles++;
}

void score_message(struct pass *p, const struct parcel *parcel)
{
    p->progress.messages++;
    p->progress.octets += parcel->entry.block.octets;
}

// Messages that this pass knows of and has not done with.
static uint64_t messages_left(const struct pass *p)
{
    uint64_t left = pass_parcels(p) + p->has_next;
    for (size_t i = 0; i < p->turns.n; i++)
        left += worklist_left(&((const struct seat *)(const void *)p->turns.store.p + i)->list);
    return left;
}

static void write_down(struct pass *p, const struct settle_counts *sum)
{
    struct score *s = &p->score;
    struct buf dir = BUF_INIT(4096);
    struct counters more = {.sent = sum->sent - s->kept.sent,
                            .deferred = sum->deferred - s->kept.deferred,
                            .failed = sum->failed - s->kept.failed,
                            .sessions = s->sessions,
                            .troubles = s->troubles,
                            .last_session = s->last_session};
    if (more.sent)
        more.last_sent = clock_wall();
    if (config_account_dir(p->config, &dir))
        counters_add(buf_str(&dir), p->account->name, &more);
    buf_free(&dir);
    s->kept = *sum;
    s->sessions = s->troubles = 0;
    s->last_session = 0;
}

void score_show(struct pass *p)
{
    struct progress *shown = &p->progress;
    if (!progress_is_due(shown))
        return;
    shown->connecting = !p->begun;
    shown->ending = p->stopping;
    shown->under_way = shown->sent = shown->size = 0;
    for (size_t i = 0; i < PASS_PARCELS; i++) {
        const struct parcel *parcel = &p->parcels[i];
        uint64_t size = parcel->entry.block.octets;
        if (!parcel->job || parcel->settled || alike_keeps(&p->alike, parcel))
            continue;
        shown->under_way++;
        shown->size += size;
        // What is re-encoded on the way may be more than it was.
        shown->sent += parcel->sent < size ? parcel->sent : size;
    }
    progress_draw(shown, messages_left(p));
}

void score_keep(struct pass *p, bool now)
{
    struct score *s = &p->score;
    score_show(p);
    if (!now && clock_steady() < s->kept_at + EVERY)
        return;
    struct settle_counts sum = score_counts(p);
    s->kept_at = clock_steady();
    if (sum.sent != s->kept.sent || sum.deferred != s->kept.deferred ||
        sum.failed != s->kept.failed || s->sessions || s->troubles)
        write_down(p, &sum);
}
