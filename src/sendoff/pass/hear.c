// SPDX-License-Identifier: ISC
#include "sendoff/pass/hear.h"

#include <string.h>

#include "base/clock.h"
#include "base/io.h"
#include "message/heal.h"
#include "message/throttle.h"
#include "sendoff/pass/logbook.h"

// The parcel that the line speaks of; NULL for one that it has not, or has no more.
static struct parcel *open_parcel(struct pass *p, const struct line *l, uint32_t job)
{
    for (size_t i = 0; job && i < PASS_PARCELS; i++) {
        struct parcel *parcel = &p->parcels[i];
        if (parcel->job == job)
            return parcel->line == l && !parcel->settled && !alike_keeps(&p->alike, parcel)
                       ? parcel
                       : NULL;
    }
    return NULL;
}

// Trouble of the line or the account, which judges no message.
static void note_trouble(struct pass *p, struct line *l, const struct outcome *o)
{
    l->told = true;
    p->result->line_trouble = true;
    score_trouble(p);
    p->result->line = *o;
    uint32_t random = 0;
    if (io_random(&random, sizeof random))
        random = 0; // no jitter, then
    // Where nothing left this process, it has learnt nothing of the account (HAZARDS 16).
    if (!outcome_is_barred(o))
        account_failed(p->memory, &p->schedule, clock_wall(), random, o);
    logbook_line(p->account->name, l->relay, o);
}

// The account is in trouble though the line is not: nothing more is begun.
static void suspect_account(struct pass *p, struct line *l, const struct outcome *o)
{
    if (!p->closing)
        note_trouble(p, l, o);
    p->closing = true;
}

// One connection more than this pass can have; the others go on. Where the server has said so,
// it is believed for a while.
static void narrow(struct pass *p, struct line *l, size_t others, const struct outcome *o)
{
    struct outcome note = *o;
    struct buf text = BUF_INIT(2 * OUTCOME_TEXT_MAX);
    l->told = l->over = true;
    p->wanted = others;
    p->widen.settled = true;
    if (o->code)
        account_learn(p->memory, ACCOUNT_CONNECTIONS, others, clock_wall());
    buf_printf(&text, "no more than %zu at once: %s", others, o->text);
    outcome_text(&note, buf_span(&text));
    buf_free(&text);
    logbook_line(p->account->name, l->relay, &note);
}

// The server has had enough on this connection; others take what is left.
static void shorten(struct pass *p, struct line *l)
{
    l->told = l->over = true;
    account_learn(p->memory, ACCOUNT_MESSAGES, l->judged, clock_wall());
}

static size_t others_standing(const struct pass *p, const struct line *l)
{
    return pass_standing(p) - (l->up && l->ready);
}

static void take_session(struct pass *p, struct line *l, const struct outcome *o)
{
    size_t others = others_standing(p, l);
    enum throttle throttle = throttle_of(o);
    if (others && (!l->ready || throttle == THROTTLE_CONNECTIONS)) {
        narrow(p, l, others, o);
    } else if (l->judged && throttle == THROTTLE_MESSAGES) {
        shorten(p, l);
    } else if (!l->credential || p->renewed) {
        note_trouble(p, l, o);
        p->closing |= throttle == THROTTLE_RATE;
    }
}

// What was said of a recipient or a message may be about more than that.
static void look_beyond(struct pass *p, struct line *l, struct outcome *o)
{
    size_t others = others_standing(p, l);
    enum throttle throttle = throttle_of(o);
    if (l->over)
        return;
    if (throttle == THROTTLE_CONNECTIONS && others)
        narrow(p, l, others, o);
    else if (throttle == THROTTLE_MESSAGES && l->judged)
        shorten(p, l);
    else if (heal_account(o) || (throttle == THROTTLE_RATE && o->scope == SCOPE_MESSAGE))
        suspect_account(p, l, o);
}

void hear_nothing(struct line *l, struct parcel *parcel)
{
    seat_give_back(parcel);
    l->over = true;
}

static void release_alike(struct pass *p, bool end)
{
    struct parcel *kept;
    bool first = p->alike.convicted;
    while ((kept = alike_release(&p->alike, end))) {
        if (first) {
            struct outcome o = *parcel_outcome(kept, 0);
            struct buf text = BUF_INIT(2 * OUTCOME_TEXT_MAX);
            buf_printf(&text, "%d messages alike refused: %s", ALIKE_MANY, o.text);
            outcome_text(&o, buf_span(&text));
            buf_free(&text);
            suspect_account(p, kept->line, &o);
        }
        first = false;
        seat_settle(kept);
    }
}

static void take_done(struct pass *p, struct line *l, struct parcel *parcel)
{
    l->open--;
    if (!parcel_is_judged(parcel)) {
        hear_nothing(l, parcel);
        return;
    }
    l->judged++;
    p->judged += !p->alike.convicted;
    score_message(p, parcel);
    parcel->sent = 0; // it counts as a whole now
    uid_t user = report_uid(&parcel->seat->settlement.reports, &parcel->entry.block);
    if (alike_look(&p->alike, parcel, user, turns_several(&p->turns)))
        seat_settle(parcel);
    release_alike(p, false);
}

static void take_ready(struct pass *p, struct line *l)
{
    l->ready = true;
    l->connecting = clock_wall() - l->started;
    widen_begin(&p->widen, clock_steady(), p->judged);
    score_session(p);
    account_stood(p->memory);
    account_note_relay(p->memory, l->relay, clock_wall());
}

static void take_silent(struct pass *p, struct line *l)
{
    l->silent = true;
    for (size_t i = 0; i < PASS_PARCELS; i++)
        if (p->parcels[i].job && p->parcels[i].line == l && !p->parcels[i].settled)
            p->parcels[i].silent = true;
}

void hear(struct pass *p, struct line *l, enum outcome_line kind, struct outcome_event *event)
{
    struct parcel *parcel = open_parcel(p, l, event->job);
    switch (kind) {
    case OUTCOME_RECIPIENT:
        if (event->outcome.scope != SCOPE_SESSION)
            look_beyond(p, l, &event->outcome);
        if (parcel)
            parcel_tell(parcel, event->index, &event->outcome);
        break;
    case OUTCOME_DONE:
        if (parcel)
            take_done(p, l, parcel);
        break;
    case OUTCOME_SESSION: take_session(p, l, &event->outcome); break;
    case OUTCOME_RELAY: memcpy(l->relay, event->outcome.text, sizeof l->relay); break;
    case OUTCOME_NOTICE: logbook_line(p->account->name, l->relay, &event->outcome); break;
    case OUTCOME_READY: take_ready(p, l); break;
    case OUTCOME_BEGUN:
        if (parcel)
            parcel_begin(parcel);
        break;
    case OUTCOME_CREDENTIAL: l->credential = true; break;
    case OUTCOME_STUMBLES: account_stumbled(p->memory, event->stumbles, clock_wall()); break;
    case OUTCOME_SILENT: take_silent(p, l); break;
    case OUTCOME_OCTETS:
        if (parcel)
            parcel->sent = event->octets;
        break;
    case OUTCOME_BAD: break;
    }
    score_keep(p, false);
}

void hear_trouble(struct pass *p, struct line *l, const char *what, const char *reason)
{
    struct outcome o = {
        .verdict = VERDICT_DEFERRED, .scope = SCOPE_SESSION, .status = {4, 3, 0}};
    struct buf text = BUF_INIT(OUTCOME_TEXT_MAX);
    size_t others = others_standing(p, l);
    buf_printf(&text, "%s%s%s", what, *reason ? ": " : "", reason);
    outcome_text(&o, buf_span(&text));
    buf_free(&text);
    if (others && !l->ready)
        narrow(p, l, others, &o);
    else
        note_trouble(p, l, &o);
}

void hear_last(struct pass *p)
{
    release_alike(p, true);
    turns_commit(&p->turns);
}
