// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "smtp/engine.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define STEP_TEXT(name, text, seconds) text,
static const char *const step_texts[] = {SMTP_STEPS(STEP_TEXT)};

const char *smtp_step_name(enum smtp_step step)
{
    return step_texts[step];
}

void engine_trace(const struct smtp *s, char direction, struct span line)
{
    if (!s->options.trace)
        return;
    struct buf clean = BUF_INIT(REPLY_MAX + 8);
    text_clean(&clean, line, REPLY_MAX);
    s->options.trace(s->options.context, direction, buf_str(&clean));
    buf_free(&clean);
}

void engine_trace_octets(const struct smtp *s, char direction, const char *words, uint64_t n)
{
    char line[96];
    int length = snprintf(line, sizeof line, "%s%s(%" PRIu64 " octets)", words,
                          *words ? " " : "", n);
    if (length > 0)
        engine_trace(s, direction, span_of(line));
}

size_t smtp_queued(const struct smtp *s)
{
    return s->out.n - s->out_at;
}

struct smtp_awaited *engine_await(struct smtp *s, enum smtp_step step,
                                  struct smtp_transaction *t, size_t recipient)
{
    size_t at = (s->awaited_first + s->awaited_n) % SMTP_AWAITED_MAX;
    if (s->awaited_n == 0)
        s->progress++;
    s->awaited[at] = (struct smtp_awaited){
        .step = step,
        .slot = t ? (unsigned)(t - s->transactions) : 0,
        .recipient = recipient,
        .behind = s->awaited_n > 0,
        .at = s->sent + smtp_queued(s),
    };
    s->awaited_n++;
    if (t)
        t->awaiting++;
    return &s->awaited[at];
}

struct smtp_awaited *engine_command(struct smtp *s, size_t start, enum smtp_step step,
                                    struct smtp_transaction *t, size_t recipient)
{
    struct span line = {s->out.p + start, s->out.n - start};
    engine_trace(s, '>', span_trim(line));
    return engine_await(s, step, t, recipient);
}

void engine_verb(struct smtp *s, enum smtp_step step)
{
    size_t start = s->out.n;
    buf_printf(&s->out, "%s\r\n", smtp_step_name(step));
    engine_command(s, start, step, NULL, 0);
}

struct smtp_awaited engine_answered(struct smtp *s)
{
    struct smtp_awaited head = s->awaited[s->awaited_first];
    s->awaited_first = (s->awaited_first + 1) % SMTP_AWAITED_MAX;
    s->awaited_n--;
    s->groups_known |= head.behind;
    switch (head.step) {
    case SMTP_STEP_MAIL:
    case SMTP_STEP_RCPT:
    case SMTP_STEP_DATA:
    case SMTP_STEP_BDAT:
    case SMTP_STEP_END: s->transactions[head.slot].awaiting--; break;
    default: break;
    }
    return head;
}

struct smtp_transaction *engine_current(const struct smtp *s)
{
    if (s->transactions_n == 0)
        return NULL;
    size_t at = (s->transactions_first + s->transactions_n - 1) % SMTP_DEPTH_MAX;
    const struct smtp_transaction *t = &s->transactions[at];
    return t->stage == SMTP_STAGE_SENT ? NULL : (struct smtp_transaction *)t;
}

bool engine_is_over(const struct smtp_transaction *t)
{
    return t->stage == SMTP_STAGE_SENT && t->awaiting == 0;
}

void engine_event(struct smtp *s, enum smtp_event_kind kind, uint32_t tag, size_t recipient,
                  const struct outcome *o)
{
    s->event = (struct smtp_event){
        .kind = kind, .tag = tag, .recipient = recipient, .outcome = *o};
    s->has_event = true;
}

struct outcome engine_outcome(enum scope scope, uint16_t subject, uint16_t detail,
                              const char *text)
{
    struct outcome o = {
        .verdict = VERDICT_DEFERRED, .scope = scope, .status = {4, subject, detail}};
    outcome_text(&o, span_of(text));
    return o;
}

void engine_close(struct smtp *s)
{
    s->closed = true;
    s->tls_wanted = false;
    if (s->secret && s->out.p)
        explicit_bzero(s->out.p, s->out.size);
    buf_clear(&s->out);
    s->out_at = 0;
}

static void end(struct smtp *s, const struct outcome *o)
{
    if (s->closed)
        return;
    s->end = *o;
    s->has_end = true;
    engine_close(s);
}

void engine_trouble(struct smtp *s, uint16_t subject, uint16_t detail, const char *fmt, ...)
{
    char text[2 * OUTCOME_TEXT_MAX];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    struct outcome o = engine_outcome(SCOPE_SESSION, subject, detail, n < 0 ? "" : text);
    end(s, &o);
}

void engine_suspect(struct smtp *s)
{
    bool grouped = false;
    for (size_t i = 0; i < s->awaited_n; i++) {
        const struct smtp_awaited *a = &s->awaited[(s->awaited_first + i) % SMTP_AWAITED_MAX];
        grouped |= a->behind && a->step != SMTP_STEP_QUIT;
    }
    if (grouped && !s->groups_known && !s->closed)
        s->stumbles |= STUMBLE_PIPELINING;
}

void engine_refused(struct smtp *s)
{
    struct outcome o = {.verdict = VERDICT_DEFERRED, .scope = SCOPE_SESSION};
    reply_outcome(&s->reply, &o);
    end(s, &o);
}

bool engine_has_news(const struct smtp *s)
{
    if (s->has_event || (s->closed && s->has_end))
        return true;
    return s->transactions_n > 0 &&
           (s->closed || engine_is_over(&s->transactions[s->transactions_first]));
}
