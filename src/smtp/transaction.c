// SPDX-License-Identifier: ISC
// Mail transactions. Sending is a cursor that moves through the current transaction's stages as
// far as it may (with PIPELINING: as far as the buffers go; without: to the next reply).
//
// With DATA the message waits for its 354, so at most one end of a message and the commands of
// the next transaction are under way at once (RFC 2920). With BDAT nothing waits; but only a
// message that fits one chunk goes out behind replies that are outstanding: should its file
// fail half way, it takes down nobody else.
#include "smtp/transaction.h"

#include "smtp/command.h"
#include "smtp/engine.h"
#include "smtp/refusal.h"

// What a command that could not be made says of its message or recipient. No server did, so
// there is no code.
static const struct {
    uint16_t status[3];
    const char *text;
} local_refusals[] = {
    [COMMAND_MALFORMED] = {{5, 1, 3}, "not a mailbox that SMTP can carry"},
    [COMMAND_NEEDS_UTF8] = {{5, 6, 7}, "the smarthost does not offer SMTPUTF8"},
    [COMMAND_NEEDS_TLS] = {{5, 7, 30}, "the smarthost does not offer REQUIRETLS"},
    [COMMAND_TOO_LARGE] = {{5, 3, 4}, "larger than the smarthost takes"},
};

static struct outcome local_refusal(enum scope scope, enum command_answer why)
{
    struct outcome o = {.verdict = VERDICT_FAILED,
                        .scope = scope,
                        .status = {local_refusals[why].status[0], local_refusals[why].status[1],
                                   local_refusals[why].status[2]}};
    outcome_text(&o, span_of(local_refusals[why].text));
    return o;
}

static bool may_group(const struct smtp *s)
{
    return ehlo_has(&s->ehlo, EHLO_PIPELINING) && !s->alone &&
           !(s->options.avoid & STUMBLE_PIPELINING);
}

bool smtp_chunks(const struct smtp *s)
{
    unsigned avoid = s->options.avoid | s->stumbles;
    return s->options.chunking && ehlo_has(&s->ehlo, EHLO_CHUNKING) &&
           !(avoid & STUMBLE_CHUNKING);
}

// Whether the line may be refused for how it was said, or for one recipient too many.
static bool may_be_sent_back(const struct smtp *s, const struct smtp_awaited *a)
{
    return a->spare & ~s->smooth ||
           (a->step == SMTP_STEP_RCPT && s->transactions[a->slot].sent > s->most_taken);
}

// Whether a transaction has been refused so, or one's envelope is not answered for and may be.
static bool is_returning(const struct smtp *s)
{
    const struct smtp_transaction *t = engine_current(s);
    bool unknown = false;
    for (size_t i = 0; i < s->transactions_n; i++)
        if (s->transactions[(s->transactions_first + i) % SMTP_DEPTH_MAX].again)
            return true;
    for (size_t i = 0; i < s->awaited_n; i++)
        unknown |= may_be_sent_back(s, &s->awaited[(s->awaited_first + i) % SMTP_AWAITED_MAX]);
    return unknown || (t && t->stage < SMTP_STAGE_DATA);
}

bool smtp_may_return(const struct smtp *s)
{
    return s->transactions_n > 0 && (is_returning(s) || (smtp_chunks(s) && !s->chunks_known));
}

static unsigned left_out(const struct smtp *s, unsigned without)
{
    return s->options.avoid | s->stumbles | without;
}

bool smtp_offers(const struct smtp *s, enum ehlo_capability c, unsigned without)
{
    bool dsn = c == EHLO_DSN, body = c == EHLO_8BITMIME || c == EHLO_BINARYMIME;
    unsigned needs = dsn ? STUMBLE_DSN : body ? STUMBLE_BODY : 0;
    return ehlo_has(&s->ehlo, c) && !(needs & left_out(s, without));
}

static bool may_send(const struct smtp *s)
{
    size_t most = may_group(s) ? SMTP_AWAITED_MAX : 1;
    return !s->closed && !s->has_event && !s->stray && s->awaited_n < most &&
           smtp_queued(s) < SMTP_OUTPUT_MARK;
}

void transaction_judge(struct smtp_transaction *t, const struct outcome *o)
{
    if (t->judged)
        return;
    t->judged = true;
    t->outcome = *o;
}

void transaction_stop(struct smtp *s, struct smtp_transaction *t, bool open)
{
    if (engine_current(s) == t)
        buf_clear(&s->chunk);
    t->stage = SMTP_STAGE_SENT;
    s->reset |= open;
    s->progress++;
}

// ---- Sending

static void send_mail(struct smtp *s, struct smtp_transaction *t)
{
    const struct envelope *e = t->message.envelope;
    size_t start = s->out.n;
    struct command_mail mail = {
        .sender = envelope_sender(e),
        .options = envelope_options(e),
        .size = t->message.size,
        .eightbit = t->message.eightbit,
        .binary = t->message.binary,
        .utf8 = t->utf8,
        .encrypted = s->tls_up,
        .authenticated = s->options.auth,
        .without = left_out(s, t->message.without),
    };
    unsigned spare;
    enum command_answer answer = command_mail(&s->out, &s->ehlo, &mail, &spare);
    if (answer != COMMAND_MADE) {
        struct outcome o = local_refusal(SCOPE_MESSAGE, answer);
        transaction_judge(t, &o);
        transaction_stop(s, t, false);
        return;
    }
    engine_command(s, start, SMTP_STEP_MAIL, t, 0)->spare = spare;
    t->stage = SMTP_STAGE_RCPT;
}

static void send_rcpt(struct smtp *s, struct smtp_transaction *t)
{
    const struct envelope *e = t->message.envelope;
    while (t->next < t->end && envelope_recipient(e, t->next)->status != RECIPIENT_WAITING)
        t->next++;
    if (t->next == t->end) {
        t->stage = SMTP_STAGE_DATA;
        return;
    }
    size_t i = t->next++, start = s->out.n;
    unsigned spare, without = left_out(s, t->message.without);
    enum command_answer answer = command_rcpt(&s->out, &s->ehlo, envelope_address(e, i),
                                              envelope_recipient_options(e, i), without,
                                              &spare);
    if (answer != COMMAND_MADE) {
        struct outcome o = local_refusal(SCOPE_RECIPIENT, answer);
        engine_event(s, SMTP_ON_RECIPIENT, t->message.tag, i, &o);
        return;
    }
    t->sent++;
    engine_command(s, start, SMTP_STEP_RCPT, t, i)->spare = spare;
}

void transaction_begin_body(struct smtp *s, struct smtp_transaction *t)
{
    body_init(&s->body, !t->chunked);
    s->body.binary = t->message.binary;
    t->stage = SMTP_STAGE_BODY;
    s->marked = s->sent;
    s->progress++;
}

// Asks for leave to send the message. False where a reply is needed first.
static bool send_data(struct smtp *s, struct smtp_transaction *t)
{
    if (t->refused == t->sent) {
        transaction_stop(s, t, true);
        return true;
    }
    if (t->message.rehearsal) {
        engine_verb(s, SMTP_STEP_RSET);
        transaction_stop(s, t, false);
        return true;
    }
    if (!t->chunked) {
        size_t start = s->out.n;
        buf_puts(&s->out, "DATA\r\n");
        engine_command(s, start, SMTP_STEP_DATA, t, 0);
        t->stage = SMTP_STAGE_WAIT;
        return true;
    }
    bool joins = may_group(s) && t->message.size <= SMTP_CHUNK;
    if (!joins && s->awaited_n > 0)
        return false;
    buf_clear(&s->chunk);
    transaction_begin_body(s, t);
    return true;
}

static bool send_chunk(struct smtp *s, struct smtp_transaction *t)
{
    bool last = t->stage == SMTP_STAGE_LAST;
    if (!t->chunked || (!last && s->chunk.n < SMTP_CHUNK))
        return false;
    size_t start = s->out.n;
    command_bdat(&s->out, s->chunk.n, last);
    engine_trace(s, '>', span_trim((struct span){s->out.p + start, s->out.n - start}));
    buf_put_span(&s->out, buf_span(&s->chunk));
    engine_trace_octets(s, '>', "", s->chunk.n);
    buf_clear(&s->chunk);
    if (last)
        t->stage = SMTP_STAGE_SENT;
    engine_await(s, last ? SMTP_STEP_END : SMTP_STEP_BDAT, t, 0);
    return true;
}

// One step of the current transaction. False where nothing can be sent for now.
static bool send_next(struct smtp *s, struct smtp_transaction *t)
{
    switch (t->stage) {
    case SMTP_STAGE_MAIL:
        if (s->reset) {
            s->reset = false;
            engine_verb(s, SMTP_STEP_RSET);
        } else {
            send_mail(s, t);
        }
        return true;
    case SMTP_STAGE_RCPT: send_rcpt(s, t); return true;
    case SMTP_STAGE_DATA: return send_data(s, t);
    case SMTP_STAGE_BODY:
    case SMTP_STAGE_LAST: return send_chunk(s, t);
    case SMTP_STAGE_WAIT:
    case SMTP_STAGE_SENT: break;
    }
    return false;
}

void transaction_pump(struct smtp *s)
{
    struct smtp_transaction *t = engine_current(s);
    while (t && may_send(s) && send_next(s, t))
        t = engine_current(s);
    if (!t && s->quitting && !s->quit_sent && may_send(s)) {
        s->quit_sent = true;
        engine_verb(s, SMTP_STEP_QUIT);
    }
    if (s->out.over || s->chunk.over)
        engine_trouble(s, 3, 0, "output outgrew its buffer");
}

bool transaction_wants_mail(const struct smtp *s)
{
    return s->ready && !s->quitting && !s->stray && s->transactions_n < s->depth &&
           !engine_current(s) && (may_group(s) || s->awaited_n == 0) &&
           smtp_queued(s) < SMTP_OUTPUT_MARK;
}

bool transaction_wants_body(const struct smtp *s)
{
    const struct smtp_transaction *t = engine_current(s);
    return t && t->stage == SMTP_STAGE_BODY && !s->stray && smtp_queued(s) < SMTP_OUTPUT_MARK &&
           s->chunk.n < SMTP_CHUNK;
}

// ---- What the caller gives

static bool any_beyond_ascii(const struct smtp_transaction *t)
{
    const struct envelope *e = t->message.envelope;
    for (size_t i = t->next; i < t->end; i++)
        if (envelope_recipient(e, i)->status == RECIPIENT_WAITING &&
            !command_is_ascii(span_of(envelope_address(e, i))))
            return true;
    return false;
}

void smtp_mail(struct smtp *s, const struct smtp_message *m)
{
    if (s->closed || s->tls_wanted || engine_has_news(s) || !transaction_wants_mail(s))
        return;
    size_t count = envelope_count(m->envelope);
    size_t first = m->first < count ? m->first : count;
    size_t at = (s->transactions_first + s->transactions_n++) % SMTP_DEPTH_MAX;
    struct smtp_transaction *t = &s->transactions[at];
    *t = (struct smtp_transaction){
        .message = *m,
        .next = first,
        .end = m->count < count - first ? first + m->count : count,
        .chunked = smtp_chunks(s),
        .outcome = engine_outcome(SCOPE_MESSAGE, 5, 0, "no recipient was accepted"),
    };
    if (m->rehearsal)
        t->outcome = (struct outcome){.verdict = VERDICT_DELIVERED, .scope = SCOPE_MESSAGE};
    t->utf8 = m->utf8 || any_beyond_ascii(t);
    t->without = m->without;
    // The message before may yet be refused so that the server stays in its transaction.
    if (t->chunked && s->awaited_n > 0)
        s->reset = true;
    s->body_octets = 0;
    transaction_pump(s);
}

void smtp_body(struct smtp *s, const char *p, size_t n)
{
    struct smtp_transaction *t = engine_current(s);
    if (s->closed || !t || t->stage != SMTP_STAGE_BODY)
        return;
    s->body_octets += n;
    body_encode(&s->body, t->chunked ? &s->chunk : &s->out, p, n);
    transaction_pump(s);
}

void smtp_body_end(struct smtp *s)
{
    struct smtp_transaction *t = engine_current(s);
    if (s->closed || !t || t->stage != SMTP_STAGE_BODY)
        return;
    if (s->stray) {
        engine_trouble(s, 5, 0, "the smarthost spoke in the midst of a message");
        return;
    }
    if (t->chunked) {
        body_end(&s->body, &s->chunk);
        t->stage = SMTP_STAGE_LAST;
    } else {
        body_end(&s->body, &s->out);
        t->stage = SMTP_STAGE_SENT;
        engine_trace_octets(s, '>', "message", s->body_octets);
        engine_await(s, SMTP_STEP_END, t, 0);
    }
    transaction_pump(s);
}

void smtp_body_abort(struct smtp *s, const char *why)
{
    struct smtp_transaction *t = engine_current(s);
    if (s->closed || !t)
        return;
    struct outcome o = engine_outcome(SCOPE_MESSAGE, 3, 0, why);
    transaction_judge(t, &o);
    engine_trouble(s, 3, 0, "%s", why);
}
