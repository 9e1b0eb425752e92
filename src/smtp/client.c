// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "smtp/smtp.h"

#include <string.h>

#include "smtp/answers.h"
#include "smtp/engine.h"
#include "smtp/exchange.h"
#include "smtp/prelude.h"
#include "smtp/transaction.h"

enum {
    // Of what was sent, less than SMTP_OUTPUT_MARK is kept; less than that waits when something
    // is added: a chunk, an encoded piece of a message, or lines.
    CHUNK_MAX = SMTP_CHUNK + 2 * SMTP_BODY_MAX + 16,
    OUTPUT_MAX = 2 * SMTP_OUTPUT_MARK + CHUNK_MAX + 2 * SMTP_AUTH_LINE_MAX,
};

#define STEP_SECONDS(name, text, seconds) seconds,
static const unsigned step_seconds[] = {SMTP_STEPS(STEP_SECONDS)};

// Which replies other than a refusal may come at a step, and who knows what they mean. QUIT is
// not here: any answer will do.
static const struct {
    uint16_t low, high;
    void (*take)(struct smtp *s, const struct smtp_awaited *a);
} replies[SMTP_STEPS_COUNT] = {
    [SMTP_STEP_GREETING] = {220, 220, prelude_greeting},
    [SMTP_STEP_EHLO] = {250, 250, prelude_ehlo},
    [SMTP_STEP_HELO] = {250, 250, prelude_helo},
    [SMTP_STEP_STARTTLS] = {220, 220, prelude_starttls},
    [SMTP_STEP_AUTH] = {235, 334, exchange_auth},
    [SMTP_STEP_RSET] = {200, 299, answers_rset},
    [SMTP_STEP_MAIL] = {200, 299, answers_mail},
    [SMTP_STEP_RCPT] = {200, 299, answers_rcpt},
    [SMTP_STEP_DATA] = {354, 354, answers_data},
    [SMTP_STEP_BDAT] = {200, 299, answers_bdat},
    [SMTP_STEP_END] = {200, 299, answers_end},
};

void smtp_options_init(struct smtp_options *o)
{
    *o = (struct smtp_options){.tls = SMTP_TLS_STARTTLS, .depth = 2, .helo = ""};
    memcpy(o->seconds, step_seconds, sizeof step_seconds);
}

void smtp_set_depth(struct smtp *s, unsigned depth)
{
    s->depth = depth < 1 ? 1 : depth > SMTP_DEPTH_MAX ? SMTP_DEPTH_MAX : depth;
}

void smtp_init(struct smtp *s, const struct smtp_options *o)
{
    *s = (struct smtp){
        .options = *o,
        .out = BUF_INIT(OUTPUT_MAX),
        .chunk = BUF_INIT(CHUNK_MAX),
        .held = BUF_INIT(SMTP_AUTH_LINE_MAX),
        .challenge = BUF_INIT(SMTP_AUTH_LINE_SAFE),
    };
    reply_init(&s->reply);
    smtp_set_depth(s, o->depth);
    if (o->tls == SMTP_TLS_IMPLICIT)
        s->tls_wanted = true;
    else
        engine_await(s, SMTP_STEP_GREETING, NULL, 0);
}

void smtp_free(struct smtp *s)
{
    if (s->out.p && s->secret)
        explicit_bzero(s->out.p, s->out.size);
    if (s->held.p)
        explicit_bzero(s->held.p, s->held.size);
    reply_free(&s->reply);
    buf_free(&s->out);
    buf_free(&s->chunk);
    buf_free(&s->held);
    buf_free(&s->challenge);
    *s = (struct smtp){.closed = true};
}

const struct ehlo *smtp_ehlo(const struct smtp *s)
{
    return &s->ehlo;
}

unsigned smtp_stumbles(const struct smtp *s)
{
    return s->stumbles;
}

size_t smtp_unfinished(const struct smtp *s)
{
    return s->transactions_n;
}

// ---- What is wanted

unsigned smtp_wants(const struct smtp *s)
{
    bool news = engine_has_news(s);
    unsigned wants = news ? SMTP_EVENT : 0;
    if (s->closed)
        return wants | SMTP_CLOSED;
    // A stray reply is going to end the session: nothing shall become whole before that.
    if (smtp_queued(s) > 0 && !s->stray)
        wants |= SMTP_OUTPUT;
    if (news)
        return wants;
    if (s->tls_wanted)
        return wants | SMTP_TLS;
    wants |= SMTP_INPUT;
    if (exchange_wants_auth(s))
        wants |= SMTP_AUTH;
    if (transaction_wants_body(s))
        wants |= SMTP_BODY;
    if (transaction_wants_mail(s))
        wants |= SMTP_MAIL;
    return wants;
}

// What is waited for, strays aside.
static enum smtp_step expected_step(const struct smtp *s)
{
    if (s->closed)
        return SMTP_STEP_IDLE;
    if (s->tls_wanted)
        return SMTP_STEP_TLS;
    if (s->awaited_n > 0)
        return s->awaited[s->awaited_first].step;
    const struct smtp_transaction *t = engine_current(s);
    return t && t->stage == SMTP_STAGE_BODY ? SMTP_STEP_BODY : SMTP_STEP_IDLE;
}

enum smtp_step smtp_step(const struct smtp *s)
{
    return s->stray && !s->closed ? SMTP_STEP_STRAY : expected_step(s);
}

unsigned smtp_deadline(const struct smtp *s)
{
    return s->options.seconds[smtp_step(s)];
}

uint64_t smtp_progress(const struct smtp *s)
{
    return s->progress;
}

// ---- Events

// With 421 the server did not do what it answered: without the sender, a recipient or the text
// there is no message. What stands behind it in the same group it may have done all the same.
static bool is_spared(const struct smtp *s, size_t slot)
{
    const struct smtp_awaited *head = &s->awaited[s->awaited_first];
    const struct smtp_transaction *t = &s->transactions[slot];
    if (s->end.code != 421 || s->awaited_n == 0 || head->slot != slot)
        return false;
    switch (head->step) {
    case SMTP_STEP_MAIL:
    case SMTP_STEP_DATA:
    case SMTP_STEP_BDAT:
    case SMTP_STEP_END: return true;
    case SMTP_STEP_RCPT: return t->refused + 1 >= t->sent;
    default: return false;
    }
}

// Whether the whole message is out, as far as we know, to somebody who may have taken it.
static bool in_doubt(const struct smtp *s, size_t slot)
{
    const struct smtp_transaction *t = &s->transactions[slot];
    for (size_t i = 0; !is_spared(s, slot) && i < s->awaited_n; i++) {
        const struct smtp_awaited *a = &s->awaited[(s->awaited_first + i) % SMTP_AWAITED_MAX];
        if (a->step == SMTP_STEP_END && a->slot == slot)
            return a->at <= s->sent && t->refused < t->sent;
    }
    return false;
}

static void finish_oldest(struct smtp *s, struct smtp_event *event)
{
    const struct smtp_transaction *t = &s->transactions[s->transactions_first];
    *event = (struct smtp_event){.kind = SMTP_ON_MESSAGE,
                                 .tag = t->message.tag,
                                 .again = t->again && !s->closed && !s->quitting,
                                 .without = t->without,
                                 .outcome = t->outcome};
    if (!t->judged && !engine_is_over(t)) {
        event->outcome = s->end;
        event->outcome.doubt = in_doubt(s, s->transactions_first);
    }
    s->transactions_first = (s->transactions_first + 1) % SMTP_DEPTH_MAX;
    s->transactions_n--;
}

bool smtp_next(struct smtp *s, struct smtp_event *event)
{
    if (!engine_has_news(s))
        return false;
    if (s->has_event) {
        *event = s->event;
        s->has_event = false;
    } else if (s->transactions_n > 0) {
        finish_oldest(s, event);
    } else {
        *event = (struct smtp_event){.kind = SMTP_ON_SESSION, .outcome = s->end};
        s->has_end = false;
    }
    if (!s->closed)
        transaction_pump(s);
    return true;
}

// ---- Octets

struct span smtp_output(const struct smtp *s)
{
    return (struct span){s->out.p ? s->out.p + s->out_at : NULL, smtp_queued(s)};
}

// A message makes progress by octets: as many KiB as the deadline has seconds.
static void count_progress(struct smtp *s)
{
    if (smtp_step(s) != SMTP_STEP_BODY) {
        if (smtp_queued(s) == 0)
            s->progress++;
    } else if (s->sent - s->marked >= 1024 * (uint64_t)smtp_deadline(s)) {
        s->marked = s->sent;
        s->progress++;
    }
}

void smtp_sent(struct smtp *s, size_t n)
{
    if (n > smtp_queued(s))
        n = smtp_queued(s);
    s->out_at += n;
    s->sent += n;
    if (smtp_queued(s) == 0) {
        if (s->secret && s->out.p)
            explicit_bzero(s->out.p, s->out.size);
        s->secret = false;
        buf_clear(&s->out);
        s->out_at = 0;
    } else if (s->out_at >= SMTP_OUTPUT_MARK) {
        buf_drop(&s->out, s->out_at);
        s->out_at = 0;
    }
    if (n > 0 && !s->closed) {
        count_progress(s);
        transaction_pump(s);
    }
}

static void trace_reply(const struct smtp *s)
{
    struct buf line = BUF_INIT(REPLY_MAX + 8);
    struct span rest = buf_span(&s->reply.text), text;
    if (!s->options.trace)
        return;
    if (s->reply.code == 334) {
        engine_trace_octets(s, '<', "334", rest.n);
        return;
    }
    if (!rest.p)
        rest = SPAN("");
    while (span_cut(&rest, '\n', &text)) {
        buf_clear(&line);
        buf_printf(&line, "%u%c", s->reply.code, rest.p ? '-' : ' ');
        buf_put_span(&line, text);
        engine_trace(s, '<', buf_span(&line));
    }
    buf_free(&line);
}

// Whose the stray reply is: that of the message that is on its way, or nobody's.
static struct smtp_transaction *stray_transaction(struct smtp *s)
{
    const struct smtp_awaited *head = &s->awaited[s->awaited_first];
    if (s->awaited_n == 0)
        return expected_step(s) == SMTP_STEP_BODY ? engine_current(s) : NULL;
    bool message = head->step == SMTP_STEP_END || head->step == SMTP_STEP_BDAT;
    return message ? &s->transactions[head->slot] : NULL;
}

// A reply that nobody awaits, or not yet. A message in the midst of which it comes must not
// become whole now; but where it is a refusal, it is that message that has trouble.
static void take_stray(struct smtp *s)
{
    struct smtp_transaction *t = stray_transaction(s);
    if (t && !t->judged && s->reply.code >= 400) {
        t->outcome = (struct outcome){.verdict = VERDICT_DEFERRED, .scope = SCOPE_MESSAGE};
        reply_outcome(&s->reply, &t->outcome);
        t->judged = true;
    }
    engine_suspect(s);
    engine_trouble(s, 5, 0, "unexpected reply while waiting for %s: %u",
                   smtp_step_name(expected_step(s)), s->reply.code);
}

static void take_reply(struct smtp *s)
{
    uint16_t code = s->reply.code;
    const struct smtp_awaited *head = &s->awaited[s->awaited_first];
    if (s->options.conceal && code != 334 && s->awaited_n > 0 && head->step == SMTP_STEP_AUTH)
        s->options.conceal(s->options.concealer, &s->reply.text);
    trace_reply(s);
    s->progress++;
    if (s->awaited_n > 0 && head->step == SMTP_STEP_QUIT) {
        engine_close(s);
    } else if (code == 421) {
        engine_refused(s);
    } else if (s->stray) {
        take_stray(s);
    } else if (code < 400 &&
               (code < replies[head->step].low || code > replies[head->step].high)) {
        engine_suspect(s);
        engine_trouble(s, 5, 0, "unexpected reply to %s: %u", smtp_step_name(head->step), code);
    } else {
        struct smtp_awaited answered = engine_answered(s);
        replies[answered.step].take(s, &answered);
        transaction_pump(s);
    }
}

size_t smtp_feed(struct smtp *s, const char *p, size_t n)
{
    size_t taken = 0;
    while (taken < n && !s->closed && !s->has_event) {
        size_t used;
        if (s->tls_wanted) {
            engine_trouble(s, 7, 0, "octets before the TLS handshake: they may be anybody's");
            break;
        }
        if (!reply_partial(&s->reply))
            s->stray = s->awaited_n == 0 || s->awaited[s->awaited_first].at > s->sent;
        enum reply_result result = reply_push(&s->reply, p + taken, n - taken, &used);
        taken += used;
        if (result == REPLY_BAD) {
            engine_suspect(s);
            engine_trouble(s, 5, 0, "%s %s is not SMTP",
                           s->stray ? "what came unasked while waiting for" : "the reply to",
                           smtp_step_name(expected_step(s)));
        } else if (result == REPLY_DONE) {
            take_reply(s);
        }
    }
    return s->closed ? n : taken;
}

// ---- Ends

// Whether QUIT is all that is left; nobody has to wait for the answer to it.
static bool is_leaving(const struct smtp *s)
{
    return s->quit_sent && s->awaited_n == 1;
}

void smtp_eof(struct smtp *s, const char *why)
{
    engine_suspect(s);
    if (is_leaving(s))
        engine_close(s);
    else if (smtp_step(s) == SMTP_STEP_IDLE)
        engine_trouble(s, 4, 2, "connection closed while idle%s%s", *why ? ": " : "", why);
    else
        engine_trouble(s, 4, 2, "connection closed while waiting for %s%s%s",
                       smtp_step_name(smtp_step(s)), *why ? ": " : "", why);
}

void smtp_expired(struct smtp *s)
{
    engine_suspect(s);
    if (is_leaving(s))
        engine_close(s);
    else
        engine_trouble(s, 4, 2, "timeout while waiting for %s", smtp_step_name(smtp_step(s)));
}

void smtp_fail(struct smtp *s, const char *why)
{
    engine_trouble(s, 4, 0, "%s", why);
}

void smtp_quit(struct smtp *s)
{
    if (s->closed)
        return;
    if (!s->ready && s->login != SMTP_LOGIN_CHOOSE) {
        engine_close(s);
        return;
    }
    s->quitting = true;
    transaction_pump(s);
}
