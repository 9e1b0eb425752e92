// SPDX-License-Identifier: ISC
#include "submit/mail/deliver.h"

#include "message/outcome.h"

enum { ANSWERED = 1, RETURNED = 2 }; // of a recipient, in task.answered

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
    d->tag = d->flowing = 0;
    d->given = d->told = 0;
    d->aborted = d->taken = d->full = false;
    source_init(&d->source);
    recast_init(&d->recast);
    for (size_t i = 0; i < SMTP_DEPTH_MAX; i++)
        d->parts[i].task = NULL;
}

// Tells sendoff of recipient i, unless it knows.
static void tell(struct deliver *d, struct task *t, size_t i, const struct outcome *o)
{
    if (i >= t->answered.n || t->answered.p[i])
        return;
    t->answered.p[i] = ANSWERED;
    uint32_t index = (uint32_t)envelope_recipient(&t->job.envelope, i)->at;
    outcome_put_recipient(&d->report->out, t->job.number, index, o);
}

// Ends a task that has no transaction under way and none to come. Where a session ended around
// it, some recipients may have had no line; then there is no `done` either.
static void settle_task(struct deliver *d, struct task *t)
{
    bool all = true;
    for (size_t i = 0; all && i < t->answered.n; i++)
        all = t->answered.p[i];
    if (all)
        outcome_put_done(&d->report->out, t->job.number);
    jobs_drop(d->jobs, t);
}

static struct outcome local_trouble(const char *why, uint16_t detail)
{
    struct outcome o = {
        .verdict = VERDICT_DEFERRED, .scope = SCOPE_MESSAGE, .status = {4, 3, detail}};
    outcome_text(&o, span_of(why));
    return o;
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

// The transaction before it, if there was one, counts no more.
static void take_place(struct deliver *d, struct deliver_part *part)
{
    if (!part->again)
        return;
    d->octets -= part->octets;
    d->messages_left++;
    part->task->open--;
    part->again = false;
}

// A transaction that is not begun: what is told of its recipients, and of all that the task has
// left. That is known before the smarthost heard of them.
static void refuse(struct deliver *d, struct deliver_part *part, const struct outcome *o)
{
    struct task *t = part->task;
    take_place(d, part);
    for (size_t i = part->first; i < part->first + part->count; i++)
        tell(d, t, i, o);
    for (size_t i = t->begun; i < t->answered.n; i++)
        tell(d, t, i, o);
    t->begun = t->answered.n;
    jobs_begun(d->jobs, t);
    part->task = NULL;
    if (!t->open)
        settle_task(d, t);
}

static struct span domain_of(const struct envelope *e, size_t i)
{
    struct span rest = span_of(envelope_address(e, i)), domain = rest;
    while (span_cut(&rest, '@', &domain))
        ;
    return domain;
}

// How many of at most `count` recipients from `first` on are in at most `domains` domains.
static size_t within_domains(const struct envelope *e, size_t first, size_t count,
                             uint64_t domains)
{
    uint64_t seen = 0;
    for (size_t i = 0; i < count; i++) {
        bool known = false;
        for (size_t j = 0; j < i && !known; j++)
            known = span_equal_nocase(domain_of(e, first + i), domain_of(e, first + j));
        if (!known && ++seen > domains)
            return i;
    }
    return count;
}

// The next recipients of the task, as many as one transaction may have (RFC 9422).
static struct deliver_part next_part(struct deliver *d, struct task *t)
{
    const struct ehlo *e = smtp_ehlo(d->smtp);
    size_t count = t->answered.n - t->begun;
    if (e->rcpt_max && count > e->rcpt_max)
        count = (size_t)e->rcpt_max;
    if (count > d->recipients_most)
        count = (size_t)d->recipients_most;
    if (e->rcpt_domain_max)
        count = within_domains(&t->job.envelope, t->begun, count, e->rcpt_domain_max);
    return (struct deliver_part){.task = t, .first = t->begun, .count = count};
}

// That a job begins is told before, and of those behind it at the same time: sendoff need not
// be woken for each.
static void tell_ahead(struct deliver *d)
{
    for (size_t i = 0; i < d->jobs->n_ready && i < DELIVER_AHEAD; i++) {
        struct task *t = d->jobs->ready[i];
        if (!t->told)
            report_begun(d->report, t->job.number);
        t->told = true;
    }
}

static void begin_part(struct deliver *d, struct deliver_part *part, struct smtp_message *m)
{
    struct task *t = part->task;
    take_place(d, part);
    part->tag = ++d->tag;
    part->octets = m->size;
    m->tag = part->tag;
    m->envelope = &t->job.envelope;
    m->first = part->first;
    m->count = part->count;
    if (!t->told)
        tell_ahead(d);
    if (t->begun < part->first + part->count)
        t->begun = part->first + part->count;
    t->open++;
    d->messages_left--;
    d->octets += m->size;
    d->flowing = t->job.number;
    d->given = d->told = 0;
    if (t->begun == t->answered.n)
        jobs_begun(d->jobs, t);
    smtp_mail(d->smtp, m);
}

// Opens the message, makes it fit to go out, and begins a transaction with it, unless it can
// not be sent.
static void open_part(struct deliver *d, struct deliver_part *part)
{
    struct task *t = part->task;
    struct smtp_message m = {.size = t->job.octets + t->job.lines, .without = part->without};
    struct outcome why;
    enum sender_answer answer = SENDER_FILE;
    enum recast_answer recast = RECAST_FILE;
    if (source_begin(&d->source, t->fd, t->job.offset, t->job.octets))
        answer = sender_apply(d->sender, &d->source, &t->job, t->begun == 0, &m.size);
    if (answer == SENDER_READY)
        recast = recast_begin(&d->recast, &d->source, &t->job, d->smtp, &m, &why);
    if (answer == SENDER_REFUSED)
        why = local_trouble(d->sender->why, 5);
    else if (recast == RECAST_FILE)
        why = local_trouble(d->source.why, 0);
    if (recast == RECAST_READY)
        begin_part(d, part, &m);
    else
        refuse(d, part, &why);
}

// Whether the server's own limit (RFC 9422) or the account's lets this connection go on.
static bool may_take_more(const struct deliver *d)
{
    uint64_t limit = smtp_ehlo(d->smtp)->mail_max;
    return d->messages_left && !d->full && !(limit && d->tag >= limit);
}

// Whether a message of so many octets may join what is under way.
static bool may_join(const struct deliver *d, uint64_t octets)
{
    return !smtp_unfinished(d->smtp) ||
           (octets <= SOURCE_ROOM && d->octets + octets <= DELIVER_OCTETS);
}

// A transaction that the server refused for the form it came in.
static struct deliver_part *next_again(struct deliver *d)
{
    for (size_t i = 0; i < SMTP_DEPTH_MAX; i++)
        if (d->parts[i].task && d->parts[i].again)
            return &d->parts[i];
    return NULL;
}

// Whether there is going to be one to make again.
static bool may_return(const struct deliver *d)
{
    for (size_t i = 0; i < SMTP_DEPTH_MAX; i++)
        if (d->parts[i].task && d->parts[i].returning)
            return true;
    return smtp_may_return(d->smtp);
}

enum deliver_answer deliver_begin(struct deliver *d)
{
    struct deliver_part *part = next_again(d);
    struct task *t = part ? part->task : jobs_next(d->jobs);
    if (!part && (jobs_over(d->jobs) || !may_take_more(d)))
        return may_return(d) ? DELIVER_LATER : DELIVER_OVER;
    bool fresh = !part;
    if (fresh)
        part = free_part(d);
    if (!t || !part || d->report->out.n > REPORT_MARK || !may_join(d, t->job.octets))
        return DELIVER_LATER;
    if (fresh)
        *part = next_part(d, t);
    open_part(d, part);
    return DELIVER_BEGUN;
}

void deliver_body(struct deliver *d)
{
    struct span piece;
    switch (recast_next(&d->recast, &d->source, SMTP_BODY_MAX, &piece)) {
    case SOURCE_PIECE:
        smtp_body(d->smtp, piece.p, piece.n);
        d->given += piece.n;
        break;
    case SOURCE_END: smtp_body_end(d->smtp); break;
    case SOURCE_BAD:
        d->aborted = true;
        smtp_body_abort(d->smtp, d->source.why);
        break;
    }
}

bool deliver_has_octets(const struct deliver *d)
{
    return d->given != d->told;
}

void deliver_tell_octets(struct deliver *d)
{
    d->told = d->given;
    outcome_put_octets(&d->report->out, d->flowing, d->given);
}

// The transaction is over, its recipients are not: but those who have had their line, whom it
// will not be sent to again.
static void keep_part(struct deliver_part *part, const struct outcome *o, unsigned without)
{
    struct task *t = part->task;
    for (size_t i = part->first; i < part->first + part->count && i < t->answered.n; i++)
        if (t->answered.p[i])
            envelope_recipient(&t->job.envelope, i)->status = RECIPIENT_REPORTED;
    part->refused = *o;
    part->without = without;
    part->tag = 0;
    part->again = true;
}

// Notes a recipient that is to be named again, as soon as the transaction is over.
static void return_recipient(struct deliver_part *part, const struct smtp_event *event)
{
    struct buf *answered = &part->task->answered;
    if (event->recipient < answered->n && !answered->p[event->recipient])
        answered->p[event->recipient] = RETURNED;
    part->refused = event->outcome;
    part->without = event->without;
    part->returning = true;
}

// From now on those have no answer. Whether there were any.
static bool take_returned(struct deliver_part *part)
{
    struct buf *answered = &part->task->answered;
    bool any = part->returning;
    for (size_t i = part->first; any && i < part->first + part->count && i < answered->n; i++)
        if (answered->p[i] == RETURNED)
            answered->p[i] = 0;
    part->returning = false;
    return any;
}

// Servers that count the messages of a connection say of the next one that it is one too many,
// with the code for too many recipients. One that is the first here means the message.
static bool is_too_many(const struct deliver *d, const struct outcome *o)
{
    return d->taken && o->scope == SCOPE_MESSAGE && o->code == 452 && o->status[1] == 5 &&
           o->status[2] == 3;
}

static void end_part(struct deliver *d, struct deliver_part *part, const struct outcome *o)
{
    struct task *t = part->task;
    bool too_many = is_too_many(d, o);
    d->taken |= o->verdict == VERDICT_DELIVERED;
    d->full |= too_many;
    // What else was under way when we closed the connection over a bad file was not refused by
    // anybody: without a line sendoff tries it again at once. What is in doubt is told.
    bool innocent = too_many || (d->aborted && o->scope == SCOPE_SESSION && !o->doubt);
    for (size_t i = part->first; !innocent && i < part->first + part->count; i++)
        tell(d, t, i, o);
    if (take_returned(part)) {
        keep_part(part, &part->refused, part->without);
        return;
    }
    part->task = NULL;
    d->octets -= part->octets;
    t->open--;
    if (!t->open && t->begun == t->answered.n)
        settle_task(d, t);
}

void deliver_event(struct deliver *d, const struct smtp_event *event)
{
    struct deliver_part *part = part_of(d, event->tag);
    if (!part)
        return;
    if (event->kind == SMTP_ON_RECIPIENT && event->again)
        return_recipient(part, event);
    else if (event->kind == SMTP_ON_RECIPIENT)
        tell(d, part->task, event->recipient, &event->outcome);
    else if (event->again)
        keep_part(part, &event->outcome,
                  take_returned(part) ? part->without | event->without : event->without);
    else
        end_part(d, part, &event->outcome);
}

void deliver_free(struct deliver *d)
{
    for (size_t i = 0; i < SMTP_DEPTH_MAX; i++)
        if (d->parts[i].task && d->parts[i].again)
            end_part(d, &d->parts[i], &d->parts[i].refused);
    source_free(&d->source);
    recast_free(&d->recast);
}
