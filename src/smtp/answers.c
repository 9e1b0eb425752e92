// SPDX-License-Identifier: ISC
#include "smtp/answers.h"

#include "smtp/engine.h"
#include "smtp/refusal.h"
#include "smtp/transaction.h"

static bool is_good(const struct smtp *s)
{
    return s->reply.code < 400;
}

void answers_rset(struct smtp *s, const struct smtp_awaited *a)
{
    (void)a;
    s->alone &= s->awaited_n > 0;
    if (!is_good(s))
        engine_refused(s);
}

void answers_mail(struct smtp *s, const struct smtp_awaited *a)
{
    struct smtp_transaction *t = &s->transactions[a->slot];
    if (is_good(s)) {
        refusal_settled(s, a);
        return;
    }
    if (s->reply.code == 530) {
        engine_refused(s);
        return;
    }
    struct outcome o = refusal_of(s, SCOPE_MESSAGE);
    unsigned spares = refusal_spares(s, a);
    if (spares && !t->judged) {
        o.verdict = VERDICT_DEFERRED;
        t->again = true;
        t->without = spares;
    }
    transaction_judge(t, &o);
    if (t->chunked || t->stage < SMTP_STAGE_WAIT)
        transaction_stop(s, t, false);
}

void answers_rcpt(struct smtp *s, const struct smtp_awaited *a)
{
    struct smtp_transaction *t = &s->transactions[a->slot];
    if (is_good(s)) {
        refusal_settled(s, a);
        t->accepted++;
        if (s->most_taken < t->accepted)
            s->most_taken = t->accepted;
        return;
    }
    t->refused++;
    if (t->judged)
        return;
    struct outcome o = refusal_of(s, SCOPE_RECIPIENT);
    unsigned spares = refusal_spares(s, a);
    bool again = spares || (t->accepted > 0 && refusal_is_of_many(s));
    if (again)
        o.verdict = VERDICT_DEFERRED;
    engine_event(s, SMTP_ON_RECIPIENT, t->message.tag, a->recipient, &o);
    s->event.again = again && !s->quitting;
    s->event.without = spares ? spares : t->message.without;
}

void answers_data(struct smtp *s, const struct smtp_awaited *a)
{
    struct smtp_transaction *t = &s->transactions[a->slot];
    if (!is_good(s)) {
        struct outcome o = refusal_of(s, SCOPE_MESSAGE);
        transaction_stop(s, t, !t->judged);
        if (t->accepted > 0)
            transaction_judge(t, &o);
    } else if (t->judged) {
        engine_trouble(s, 5, 1, "the smarthost wants a message whose sender it refused");
    } else if (t->accepted == 0) {
        // It goes on though it took no recipient: an empty message ends that (RFC 2920, 3.1).
        buf_puts(&s->out, ".\r\n");
        t->stage = SMTP_STAGE_SENT;
        engine_trace(s, '>', SPAN("."));
        engine_await(s, SMTP_STEP_END, t, 0);
    } else {
        transaction_begin_body(s, t);
    }
}

void answers_bdat(struct smtp *s, const struct smtp_awaited *a)
{
    struct smtp_transaction *t = &s->transactions[a->slot];
    s->chunks_known |= is_good(s);
    if (is_good(s))
        return;
    struct outcome o = t->accepted > 0 ? refusal_of_chunk(s, t) : refusal_of(s, SCOPE_MESSAGE);
    if (t->accepted > 0)
        transaction_judge(t, &o);
    transaction_stop(s, t, true);
}

void answers_end(struct smtp *s, const struct smtp_awaited *a)
{
    struct smtp_transaction *t = &s->transactions[a->slot];
    bool chunks = t->chunked && t->accepted > 0 && !is_good(s);
    struct outcome o = chunks ? refusal_of_chunk(s, t) : refusal_of(s, SCOPE_MESSAGE);
    s->chunks_known |= t->chunked && is_good(s);
    if (is_good(s))
        o.verdict = VERDICT_DELIVERED;
    else if (t->chunked)
        s->reset = true; // where it stands now is anybody's guess (RFC 3030, 2)
    if (t->accepted > 0)
        transaction_judge(t, &o);
}
