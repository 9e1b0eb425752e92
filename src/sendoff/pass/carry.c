// SPDX-License-Identifier: ISC
#include "sendoff/pass/carry.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <syslog.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/io.h"
#include "message/address.h"
#include "message/heal.h"
#include "sendoff/pass/choose.h"

// Adds a mailbox's text to *out, complete. False where it is bare and no domain is known.
static bool complete(const struct pass *p, const char *mailbox, struct buf *out)
{
    buf_clear(out);
    buf_puts(out, mailbox);
    if (!*mailbox || !address_is_bare(span_of(mailbox)))
        return true;
    if (!p->domain.n)
        return false;
    buf_putc(out, '@');
    buf_put_span(out, buf_span(&p->domain));
    return true;
}

static const struct outcome no_domain = {
    .verdict = VERDICT_DEFERRED,
    .scope = SCOPE_RECIPIENT,
    .status = {4, 3, 5},
    .text = "the address has no domain, and none is known here: set `domain`",
};

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
    job_set_login(job, buf_span(&p->login));
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
    }
    buf_free(&text);
    return good && envelope_count(&job->envelope);
}

// The message goes to the end of the list, for another session of this pass.
static void put_back(struct pass *p, struct entry *e)
{
    worklist_add(&p->list, e->place, e->name);
    entry_close(e);
}

static struct parcel *find_parcel(struct pass *p, uint32_t job)
{
    for (size_t i = 0; i < COURIER_OPEN_JOBS; i++)
        if (p->parcels[i].job == job)
            return &p->parcels[i];
    return NULL;
}

// The parcel that the courier speaks of; NULL for one that it has not, or has no more.
static struct parcel *open_parcel(struct pass *p, uint32_t job)
{
    struct parcel *parcel = job ? find_parcel(p, job) : NULL;
    return parcel && !parcel->settled ? parcel : NULL;
}

// Claims the message and hands it to the courier. False where the courier is gone.
static bool hand_over(struct pass *p, struct entry *e)
{
    struct job job;
    struct parcel *parcel = find_parcel(p, 0);
    enum entry_answer answer = entry_claim(e, p->account->name);
    if (answer != ENTRY_OPEN || envelope_waiting(&e->block.envelope) == 0) {
        if (answer == ENTRY_TROUBLE) {
            struct span id = entry_id(e);
            diag_log(LOG_ERR, "%.*s: can not be claimed: %s", SPAN_ARGS(id), strerror(errno));
        }
        p->result->left += answer == ENTRY_BUSY || answer == ENTRY_TROUBLE;
        entry_close(e);
        return true;
    }
    parcel_fill(parcel, ++p->last_job, e);
    job_init(&job);
    bool alive = true;
    if (fill_job(p, parcel, &job)) {
        alive = courier_send(&p->courier, &job, parcel->entry.reader) == 0;
        p->open++;
    } else {
        parcel_tell_rest(parcel, &no_domain);
        settle(&p->settlement, parcel);
    }
    job_free(&job);
    return alive;
}

// Trouble of the session, which judges no message.
static void note_line_trouble(struct pass *p, const struct outcome *o)
{
    p->result->line_trouble = true;
    p->result->line = *o;
    uint32_t random = 0;
    if (io_random(&random, sizeof random))
        random = 0; // no jitter, then
    account_failed(p->memory, &p->settlement.schedule, clock_wall(), random, o);
    diag_log(LOG_WARNING, "account=%s, relay=%s: %s", p->account->name,
             *p->settlement.relay ? p->settlement.relay : "none", o->text);
}

// A message that the session never got to: as good as never claimed.
static void give_back(struct pass *p, struct parcel *parcel)
{
    struct entry *e = &parcel->entry;
    if (e->block.attempts)
        e->block.attempts--;
    if (entry_write_state(e) || entry_schedule(e, e->next))
        diag_log(LOG_WARNING, "%s: an attempt too many is counted: %s", e->name,
                 strerror(errno));
    worklist_add(&p->list, e->place, e->name);
    parcel_empty(parcel);
    p->over = true;
}

// The account is in trouble though the line is not: this session takes no more.
static void suspect_account(struct pass *p, const struct outcome *o)
{
    if (!p->over)
        note_line_trouble(p, o);
    p->over = true;
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
            suspect_account(p, &o);
        }
        first = false;
        settle(&p->settlement, kept);
    }
}

static void take_done(struct pass *p, struct parcel *parcel)
{
    p->open--;
    if (!parcel_is_judged(parcel)) {
        give_back(p, parcel);
        return;
    }
    p->judged += !p->alike.convicted;
    if (alike_look(&p->alike, parcel))
        settle(&p->settlement, parcel);
    release_alike(p, false);
}

static void take_event(struct pass *p, enum outcome_line line, struct outcome_event *event)
{
    struct parcel *parcel = open_parcel(p, event->job);
    switch (line) {
    case OUTCOME_RECIPIENT:
        if (event->outcome.scope != SCOPE_SESSION && heal_account(&event->outcome))
            suspect_account(p, &event->outcome);
        if (parcel)
            parcel_tell(parcel, event->index, &event->outcome);
        break;
    case OUTCOME_DONE:
        if (parcel)
            take_done(p, parcel);
        break;
    case OUTCOME_SESSION: note_line_trouble(p, &event->outcome); break;
    case OUTCOME_RELAY:
        memcpy(p->settlement.relay, event->outcome.text, sizeof p->settlement.relay);
        break;
    case OUTCOME_READY:
        p->ready = true;
        account_stood(p->memory);
        break;
    case OUTCOME_BAD: break;
    }
}

// Takes one event, waiting for it, and settles what came while nothing more is at hand. False
// when the courier is gone.
static bool take_next(struct pass *p, enum courier_answer *answer)
{
    enum outcome_line line;
    struct outcome_event event;
    *answer = courier_next(&p->courier, &line, &event);
    p->stopping |= courier_is_stopping(&p->courier);
    if (*answer == COURIER_EVENT)
        take_event(p, line, &event);
    if (*answer != COURIER_EVENT || !courier_has_next(&p->courier))
        settle_commit(&p->settlement);
    return *answer == COURIER_EVENT;
}

static void feed(struct pass *p, struct entry *first, enum courier_answer *answer)
{
    bool more = true, alive = hand_over(p, first);
    while (alive && (more || p->open)) {
        struct entry e;
        while (alive && more && p->open + p->settlement.n < COURIER_OPEN_JOBS) {
            more = !p->over && !p->stopping && choose_next(p, &e);
            if (more)
                alive = hand_over(p, &e);
        }
        if (alive && p->open)
            alive = take_next(p, answer);
    }
    if (alive)
        courier_finish(&p->courier);
    // What follows nonsense is not believed either.
    while (*answer != COURIER_BROKEN && take_next(p, answer))
        ;
}

// What was handed over and has no outcome: begun perhaps, where the courier broke down, so in
// doubt; else never begun.
static void reclaim(struct pass *p, bool broken)
{
    struct outcome o = {.verdict = VERDICT_DEFERRED,
                        .scope = SCOPE_SESSION,
                        .status = {4, 3, 0},
                        .doubt = true,
                        .text = "sendoff-submit broke down"};
    for (size_t i = 0; i < COURIER_OPEN_JOBS; i++) {
        struct parcel *parcel = &p->parcels[i];
        if (!parcel->job || alike_keeps(&p->alike, parcel))
            continue;
        if (broken) {
            parcel_tell_rest(parcel, &o);
            settle(&p->settlement, parcel);
        } else {
            give_back(p, parcel);
        }
    }
    release_alike(p, true);
    settle_commit(&p->settlement);
    p->open = 0;
}

static void note_trouble(struct pass *p, const char *what, const char *reason)
{
    struct outcome o = {
        .verdict = VERDICT_DEFERRED, .scope = SCOPE_SESSION, .status = {4, 3, 0}};
    struct buf text = BUF_INIT(OUTCOME_TEXT_MAX);
    buf_printf(&text, "%s%s%s", what, *reason ? ": " : "", reason);
    outcome_text(&o, buf_span(&text));
    buf_free(&text);
    note_line_trouble(p, &o);
}

static bool start(struct pass *p)
{
    p->judged = 0;
    p->ready = p->over = false;
    p->alike = (struct alike){0};
    p->settlement.relay[0] = '\0';
    if (courier_start(&p->courier, p->config->path, p->account->name, p->options->verbose,
                      p->signals) == 0)
        return true;
    note_trouble(p, "sendoff-submit can not be started", strerror(errno));
    (void)courier_stop(&p->courier);
    return false;
}

bool carry(struct pass *p, struct entry *first)
{
    enum courier_answer answer = COURIER_EVENT;
    if (!start(p)) {
        put_back(p, first);
        return false;
    }
    // Nothing is claimed before the session stands.
    while (!p->ready && take_next(p, &answer))
        ;
    if (p->ready)
        feed(p, first, &answer);
    else
        put_back(p, first);
    int status = courier_stop(&p->courier);
    bool broken = answer == COURIER_BROKEN || !WIFEXITED(status);
    if (broken)
        note_trouble(p, "sendoff-submit broke down", "");
    else if (!p->ready && !p->result->line_trouble)
        note_trouble(p, "sendoff-submit ended without a session, and did not say why", "");
    else if (WEXITSTATUS(status) && !p->result->line_trouble && !p->stopping)
        note_trouble(p, "sendoff-submit gave up, and did not say why", "");
    reclaim(p, broken);
    return p->judged > 0;
}
