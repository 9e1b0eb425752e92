// SPDX-License-Identifier: ISC
#include "sendoff/pass/consign.h"

#include <inttypes.h>

#include "message/address.h"
#include "message/mime/fold.h"
#include "sendoff/spools/login.h"
#include "spool/recipients.h"

// Whom a local name leads to by the rules: the one address, or nobody.
static bool resolve_recipients(const struct pass *p, const char *name, const char *aliases,
                               struct buf *out)
{
    struct envelope named, reached;
    struct buf why = BUF_INIT(8192);
    struct recipients_rules rules = {
        .aliases = aliases,
        .local_to = span_of(p->config->local_to),
        .domain = buf_span(&p->domain),
    };
    envelope_init(&named);
    envelope_init(&reached);
    bool good = envelope_add(&named, span_of(name), SPAN("")) &&
                recipients_resolve(&reached, &named, &rules, &why) &&
                envelope_count(&reached) == 1 &&
                !address_is_bare(span_of(envelope_address(&reached, 0)));
    if (good)
        buf_puts(out, envelope_address(&reached, 0));
    envelope_free(&named);
    envelope_free(&reached);
    buf_free(&why);
    return good;
}

// Adds a mailbox's text to *out, complete. False where it is bare and no domain is known. What
// is bare by now is the name of a local user for whom nothing was known at injection; an alias
// for several is left out, as a recipient is one.
static bool complete(const struct pass *p, const char *mailbox, struct buf *out)
{
    buf_clear(out);
    if (*mailbox && address_is_bare(span_of(mailbox)))
        return resolve_recipients(p, mailbox, p->config->aliases, out) ||
               resolve_recipients(p, mailbox, "", out);
    buf_puts(out, mailbox);
    return true;
}

// The recipient's address is one of the job's already: another local name led there.
static bool join(struct parcel *parcel, const struct job *job, struct span mailbox, size_t at)
{
    for (size_t i = 0; i < envelope_count(&job->envelope); i++)
        if (envelope_same(span_of(envelope_address(&job->envelope, i)), mailbox))
            return parcel_join(parcel, (uint32_t)at,
                               (uint32_t)envelope_recipient(&job->envelope, i)->at);
    return false;
}

static const struct outcome no_domain = {
    .verdict = VERDICT_DEFERRED,
    .scope = SCOPE_RECIPIENT,
    .status = {4, 3, 5},
    .text = "the address has no domain, and none is known here: set `domain`",
};

// Whose mail it is, where the sender policy asks.
static void set_login(const struct pass *p, const struct parcel *parcel, struct job *job)
{
    struct buf login = BUF_INIT(1024);
    if (p->wants_login)
        login_find(report_uid(&parcel->seat->settlement.reports, &parcel->entry.block), &login);
    job_set_login(job, buf_span(&login));
    buf_free(&login);
}

// Describes the parcel's message as a job; recipients that can not be sent to are told so.
static bool fill_job(const struct pass *p, struct parcel *parcel, struct job *job)
{
    const struct block *b = &parcel->entry.block;
    const struct envelope *from = &b->envelope;
    struct buf text = BUF_INIT(ENVELOPE_ADDRESS_MAX);
    job->number = parcel->job;
    job->offset = b->size;
    job->octets = b->octets;
    job->lines = b->lines;
    job->eightbit = b->eightbit;
    job->nul = b->nul;
    job->lengthy = b->longest > FOLD_LINE_MAX;
    set_login(p, parcel, job);
    bool good = envelope_set_sender(&job->envelope, span_of(envelope_sender(from))) &&
                envelope_set_options(&job->envelope, span_of(envelope_options(from)));
    for (size_t i = 0; good && i < envelope_count(from); i++) {
        size_t count = envelope_count(&job->envelope);
        if (envelope_recipient(from, i)->status != RECIPIENT_WAITING)
            continue;
        if (!complete(p, envelope_address(from, i), &text) ||
            !envelope_add(&job->envelope, buf_span(&text),
                          span_of(envelope_recipient_options(from, i))))
            parcel_tell(parcel, (uint32_t)i, &no_domain);
        else if (envelope_count(&job->envelope) > count)
            envelope_recipient(&job->envelope, count)->at = i;
        else
            good = join(parcel, job, buf_span(&text), i);
    }
    buf_free(&text);
    return good && envelope_count(&job->envelope);
}

// What is larger than the config allows fails here, whoever wrote it into the spool.
static bool is_too_large(const struct pass *p, const struct block *b, struct outcome *o)
{
    struct buf text = BUF_INIT(OUTCOME_TEXT_MAX);
    if (!p->config->max_size || b->octets <= p->config->max_size)
        return false;
    *o = (struct outcome){
        .verdict = VERDICT_FAILED, .scope = SCOPE_MESSAGE, .status = {5, 3, 4}};
    buf_printf(&text, "message too large: it has %" PRIu64 " octets, and max_size is %" PRIu64,
               b->octets, p->config->max_size);
    outcome_text(o, buf_span(&text));
    buf_free(&text);
    return true;
}

struct parcel *consign_room(struct pass *p)
{
    for (size_t i = 0; i < PASS_PARCELS; i++)
        if (!p->parcels[i].job)
            return &p->parcels[i];
    return NULL;
}

bool consign(struct pass *p, struct line *l, struct turn *turn)
{
    struct job job;
    struct outcome refusal = no_domain;
    struct parcel *parcel = consign_room(p);
    bool alive = true;
    if (!seat_claim(p, turn->seat, &turn->entry))
        return true;
    parcel_fill(parcel, ++p->last_job, &turn->entry);
    parcel->seat = turn->seat;
    parcel->line = l;
    parcel->relay = l->relay;
    parcel->connecting = l->connecting;
    parcel->silent = l->silent;
    l->connecting = 0;
    parcel->seat->out++;
    job_init(&job);
    if (!is_too_large(p, &parcel->entry.block, &refusal) && fill_job(p, parcel, &job)) {
        l->alone = parcel->entry.block.doubts > 0;
        alive = courier_send(&l->courier, &job, parcel->entry.reader) == 0;
        l->open++;
        l->given++;
    } else {
        parcel_tell_rest(parcel, &refusal);
        seat_settle(parcel);
    }
    job_free(&job);
    return alive;
}
