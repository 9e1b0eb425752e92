// SPDX-License-Identifier: ISC
#include "submit/mail/deliver.h"

#include "message/outcome.h"

void deliver_init(struct deliver *d, struct jobs *jobs, struct report *report,
                  struct smtp *smtp, struct sender *sender, uint64_t messages,
                  uint64_t recipients)
{
    d->jobs = jobs;
    d->report = report;
    d->smtp = smtp;
    d->sender = sender;
    d->messages_left = messages;
    d->recipients_most = recipients ? recipients : 1;
    d->octets = 0;
    d->tag = 0;
    d->aborted = false;
    source_init(&d->source);
    for (size_t i = 0; i < SMTP_DEPTH_MAX; i++)
        d->parts[i].task = NULL;
}

void deliver_free(struct deliver *d)
{
    source_free(&d->source);
}

// Tells sendoff of recipient i, unless it knows.
static void tell(struct deliver *d, struct task *t, size_t i, const struct outcome *o)
{
    if (i >= t->answered.n || t->answered.p[i])
        return;
    t->answered.p[i] = 1;
    uint32_t index = (uint32_t)envelope_recipient(&t->job.envelope, i)->at;
    outcome_put_recipient(&d->report->out, t->job.number, index, o);
}

// Ends a task that has no transaction under way and none to come. Where a session ended around
// it, some recipients may have had no line; then there is no `done` either.
static void settle(struct deliver *d, struct task *t)
{
    bool all = true;
    for (size_t i = 0; all && i < t->answered.n; i++)
        all = t->answered.p[i];
    if (all)
        outcome_put_done(&d->report->out, t->job.number);
    jobs_drop(d->jobs, t);
}

// The message's file is not what it should be, or the sender policy can not be kept; which is
// known before the smarthost heard of it.
static void refuse(struct deliver *d, struct task *t, const char *why, uint16_t detail)
{
    struct outcome o = {
        .verdict = VERDICT_DEFERRED, .scope = SCOPE_MESSAGE, .status = {4, 3, detail}};
    outcome_text(&o, span_of(why));
    for (size_t i = t->begun; i < t->answered.n; i++)
        tell(d, t, i, &o);
    t->begun = t->answered.n;
    jobs_begun(d->jobs, t);
    if (!t->open)
        settle(d, t);
}

static struct deliver_part *part_of(struct deliver *d, uint32_t tag)
{
    for (size_t i = 0; i < SMTP_DEPTH_MAX; i++)
        if (d->parts[i].task && d->parts[i].tag == tag)
            return &d->parts[i];
    return NULL;
}

static struct deliver_part *free_part(struct deliver *d)
{
    for (size_t i = 0; i < SMTP_DEPTH_MAX; i++)
        if (!d->parts[i].task)
            return &d->parts[i];
    return NULL;
}

static void begin_part(struct deliver *d, struct deliver_part *part, struct task *t,
                       uint64_t size)
{
    size_t left = t->answered.n - t->begun;
    uint64_t most = d->recipients_most, limit = smtp_ehlo(d->smtp)->rcpt_max;
    if (limit && limit < most)
        most = limit;
    *part = (struct deliver_part){.tag = ++d->tag,
                                  .task = t,
                                  .first = t->begun,
                                  .count = left < most ? left : (size_t)most,
                                  .octets = size};
    struct smtp_message m = {.tag = part->tag,
                             .envelope = &t->job.envelope,
                             .first = part->first,
                             .count = part->count,
                             .size = size,
                             .eightbit = t->job.eightbit};
    t->begun += part->count;
    t->open++;
    d->messages_left--;
    d->octets += size;
    if (t->begun == t->answered.n)
        jobs_begun(d->jobs, t);
    smtp_mail(d->smtp, &m);
}

// Opens the task's message and begins its next transaction, unless it can not be sent.
static void begin_task(struct deliver *d, struct deliver_part *part, struct task *t)
{
    uint64_t size = t->job.octets + t->job.lines;
    enum sender_answer answer = SENDER_FILE;
    if (source_begin(&d->source, t->fd, t->job.offset, t->job.octets))
        answer = sender_apply(d->sender, &d->source, &t->job, t->begun == 0, &size);
    switch (answer) {
    case SENDER_READY: begin_part(d, part, t, size); break;
    case SENDER_FILE: refuse(d, t, d->source.why, 0); break;
    case SENDER_REFUSED: refuse(d, t, d->sender->why, 5); break;
    }
}

// Whether the server's own limit (RFC 9422) or the account's lets this connection go on.
static bool may_take_more(const struct deliver *d)
{
    uint64_t limit = smtp_ehlo(d->smtp)->mail_max;
    return d->messages_left && !(limit && d->tag >= limit);
}

// Whether a message of so many octets may join what is under way.
static bool may_join(const struct deliver *d, uint64_t octets)
{
    return !smtp_unfinished(d->smtp) ||
           (octets <= SOURCE_ROOM && d->octets + octets <= DELIVER_OCTETS);
}

enum deliver_answer deliver_begin(struct deliver *d)
{
    struct task *t = jobs_next(d->jobs);
    struct deliver_part *part = free_part(d);
    if (jobs_over(d->jobs) || !may_take_more(d))
        return DELIVER_OVER;
    if (!t || !part || d->report->out.n > REPORT_MARK)
        return DELIVER_LATER;
    if (!may_join(d, t->job.octets))
        return DELIVER_LATER;
    begin_task(d, part, t);
    return DELIVER_BEGUN;
}

void deliver_body(struct deliver *d)
{
    struct span piece;
    switch (source_next(&d->source, SMTP_BODY_MAX, &piece)) {
    case SOURCE_PIECE: smtp_body(d->smtp, piece.p, piece.n); break;
    case SOURCE_END: smtp_body_end(d->smtp); break;
    case SOURCE_BAD:
        d->aborted = true;
        smtp_body_abort(d->smtp, d->source.why);
        break;
    }
}

static void end_part(struct deliver *d, struct deliver_part *part, const struct outcome *o)
{
    struct task *t = part->task;
    // What else was under way when we closed the connection over a bad file was not refused by
    // anybody: without a line sendoff tries it again at once. What is in doubt is told.
    bool innocent = d->aborted && o->scope == SCOPE_SESSION && !o->doubt;
    for (size_t i = part->first; !innocent && i < part->first + part->count; i++)
        tell(d, t, i, o);
    part->task = NULL;
    d->octets -= part->octets;
    t->open--;
    if (!t->open && t->begun == t->answered.n)
        settle(d, t);
}

void deliver_event(struct deliver *d, const struct smtp_event *event)
{
    struct deliver_part *part = part_of(d, event->tag);
    if (!part)
        return;
    if (event->kind == SMTP_ON_RECIPIENT)
        tell(d, part->task, event->recipient, &event->outcome);
    else
        end_part(d, part, &event->outcome);
}
