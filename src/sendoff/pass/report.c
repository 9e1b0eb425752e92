// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/pass/report.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/io.h"
#include "base/process.h"
#include "sendoff/pass/addressee.h"
#include "sendoff/pass/logbook.h"
#include "sendoff/spools/login.h"
#include "spool/deposit.h"

enum { NAME_LONGEST = 1024 };

// What is asked of this host for a report. It is asked each time: reports are few.
struct context {
    struct buf domain, host, login;
    struct addressee addressee;
    uid_t uid; // whose the report is
    struct envelope to;
    struct bounce_facts facts;
};

// What the host knows is asked with our own identity: the owner might not be allowed to, and
// must not be in the way.
static void step_out(const struct reports *r)
{
    if (r->owner)
        identity_leave();
}

static void step_in(const struct reports *r)
{
    if (r->owner && identity_enter(r->owner))
        process_abandon("a user's identity can not be had again");
}

uid_t report_uid(const struct reports *r, const struct block *b)
{
    return r->drop ? b->uid : r->uid;
}

// With our own identity.
static void context_init(struct context *c, const struct reports *r, uid_t uid)
{
    *c = (struct context){.uid = uid,
                          .domain = BUF_INIT(NAME_LONGEST),
                          .host = BUF_INIT(NAME_LONGEST),
                          .login = BUF_INIT(NAME_LONGEST)};
    envelope_init(&c->to);
    if (!config_domain(r->config, &c->domain))
        buf_clear(&c->domain);
    config_host(&c->host);
    login_find(uid, &c->login);
    c->addressee = (struct addressee){.config = r->config,
                                      .account = r->account,
                                      .domain = buf_span(&c->domain),
                                      .login = buf_span(&c->login),
                                      .host = buf_span(&c->host)};
    c->facts.to = &c->to;
    c->facts.domain = buf_span(&c->domain);
}

static void context_free(struct context *c)
{
    buf_free(&c->domain);
    buf_free(&c->host);
    buf_free(&c->login);
    envelope_free(&c->to);
}

static void set_date(struct bounce_date *date, int64_t when)
{
    clock_local(when / CLOCK_SECOND_US, &date->local, &date->offset);
}

static enum report_answer trouble(struct reports *r)
{
    r->why = strerror(errno);
    return REPORT_TROUBLE;
}

static enum report_answer nowhere(struct reports *r, const char *why)
{
    r->why = why;
    return REPORT_NOWHERE;
}

// Queues the text from <> to c->to. `id` is the id of what it is about, for the log.
static enum report_answer queue(struct reports *r, struct context *c, enum quota_kind kind,
                                struct span text, struct span about)
{
    char id[MAILDIR_ID + 1];
    struct block b;
    int64_t now = clock_wall();
    block_init(&b);
    b.arrival = now;
    b.uid = (uint32_t)c->uid;
    for (size_t i = 0; i < envelope_count(&c->to); i++)
        if (!envelope_add(&b.envelope, span_of(envelope_address(&c->to, i)), SPAN("")))
            break;
    int bad = deposit_message(r->maildir, &b, text, id);
    enum report_answer answer = bad ? trouble(r) : REPORT_QUEUED;
    if (!bad) {
        quota_spend(&r->quota, kind, now);
        r->queued++;
        if (r->list)
            worklist_know(r->list, id);
        logbook_report(&b, about, id, kind == QUOTA_REPORT ? c->facts.kind : BOUNCE_FAILED);
    }
    block_free(&b);
    return answer;
}

// Drops from the list who wants no such report; what is left of it.
static size_t drop_unwanting(const struct envelope *e, enum bounce_kind kind,
                             struct bounce_recipient *list, size_t n)
{
    size_t left = 0;
    for (size_t i = 0; i < n; i++)
        if (bounce_is_wanted(e, list[i].index, kind))
            list[left++] = list[i];
    return left;
}

// The beginning of the message. A report without it is better than none.
static void read_original(const struct entry *e, struct buf *out)
{
    size_t want = bounce_wants(&e->block);
    while (out->n < want) {
        char *room = buf_room(out, want - out->n);
        ssize_t got =
            room ? io_pread(e->fd, room, want - out->n, (off_t)(e->block.size + out->n)) : 0;
        if (got <= 0)
            return;
        buf_grew(out, (size_t)got);
    }
}

static enum report_answer compose_report(struct reports *r, struct context *c,
                                         const struct entry *e,
                                         const struct bounce_recipient *list, size_t n)
{
    struct buf text = BUF_INIT(BOUNCE_MAX), original = BUF_INIT(BOUNCE_RETURN_MAX);
    const struct block *b = &e->block;
    enum report_answer answer;
    c->facts.id = entry_id(e);
    set_date(&c->facts.now, clock_wall());
    set_date(&c->facts.arrival, b->arrival);
    set_date(&c->facts.until, b->arrival + (int64_t)(r->expire * CLOCK_SECOND_US));
    read_original(e, &original);
    if (io_random(c->facts.random, sizeof c->facts.random)) {
        answer = trouble(r);
    } else if (!bounce_put(&text, &c->facts, b, list, n, buf_span(&original))) {
        errno = EFBIG;
        answer = trouble(r);
    } else {
        answer = queue(r, c, QUOTA_REPORT, buf_span(&text), c->facts.id);
    }
    buf_free(&text);
    buf_free(&original);
    return answer;
}

enum report_answer report_send(struct reports *r, enum bounce_kind kind, const struct entry *e,
                               struct bounce_recipient *list, size_t n, const char *relay)
{
    struct context c;
    const char *sender = envelope_sender(&e->block.envelope);
    enum report_answer answer;
    n = drop_unwanting(&e->block.envelope, kind, list, n);
    if (n == 0)
        return REPORT_UNWANTED;
    if (!*sender)
        return nowhere(r, "it is from <>, which is never answered");
    if (kind == BOUNCE_FAILED && r->config->bounce == BOUNCE_KEEP)
        return nowhere(r, "the config says bounce = keep");
    step_out(r);
    context_init(&c, r, report_uid(r, &e->block));
    bool found = addressee_find(&c.addressee, span_of(sender), &c.to);
    step_in(r);
    c.facts.kind = kind;
    c.facts.relay = span_of(relay);
    if (r->shared)
        quota_switch(&r->quota, c.uid);
    if (!found)
        answer = nowhere(r, "its sender can not be written to, and there is no bounce_to");
    else if (!quota_allows(&r->quota, QUOTA_REPORT, clock_wall()))
        answer = REPORT_LATER;
    else
        answer = compose_report(r, &c, e, list, n);
    context_free(&c);
    return answer;
}

enum report_answer report_digest(struct reports *r, const struct digest *d, const char *sender)
{
    struct context c;
    struct buf text = BUF_INIT(BOUNCE_MAX);
    enum report_answer answer;
    step_out(r);
    context_init(&c, r, r->uid);
    bool found = sender ? addressee_find(&c.addressee, span_of(sender), &c.to)
                        : addressee_user(&c.addressee, &c.to);
    step_in(r);
    set_date(&c.facts.now, clock_wall());
    if (!found) {
        answer = nowhere(r, "there is nobody to write to, and no bounce_to");
    } else if (io_random(c.facts.random, sizeof c.facts.random)) {
        answer = trouble(r);
    } else if (!digest_put(&text, d, &c.facts)) {
        errno = EFBIG;
        answer = trouble(r);
    } else {
        answer = queue(r, &c, QUOTA_DIGEST, buf_span(&text), SPAN("digest"));
    }
    context_free(&c);
    buf_free(&text);
    return answer;
}
