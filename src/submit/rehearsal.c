// SPDX-License-Identifier: ISC
#include "submit/rehearsal.h"

enum { REHEARSAL_SIZE = 1024 }; // octets of the message there might be

void rehearsal_init(struct rehearsal *r, const char *from, const char *to)
{
    *r = (struct rehearsal){.wanted = from[0] && to[0]};
    envelope_init(&r->envelope);
    r->wanted = r->wanted && envelope_set_sender(&r->envelope, span_of(from)) &&
                envelope_add(&r->envelope, span_of(to), SPAN(""));
}

void rehearsal_free(struct rehearsal *r)
{
    envelope_free(&r->envelope);
}

bool rehearsal_begin(struct rehearsal *r, struct smtp *smtp)
{
    if (!r->wanted || r->begun)
        return false;
    r->begun = true;
    smtp_mail(smtp, &(struct smtp_message){.envelope = &r->envelope,
                                           .count = SIZE_MAX,
                                           .size = REHEARSAL_SIZE,
                                           .without = r->without,
                                           .rehearsal = true});
    return true;
}

static void refuse(struct rehearsal *r, const struct outcome *o, const char *step,
                   const char *mailbox)
{
    struct buf text = BUF_INIT(4 * OUTCOME_TEXT_MAX);
    r->refused = true;
    r->refusal = *o;
    buf_printf(&text, "%s: <%.100s>: ", step, mailbox);
    outcome_describe(&text, o);
    outcome_text(&r->refusal, buf_span(&text));
    r->refusal.verdict = VERDICT_DEFERRED;
    r->refusal.scope = SCOPE_SESSION;
    buf_free(&text);
}

void rehearsal_event(struct rehearsal *r, const struct smtp_event *event,
                     struct observer *observer)
{
    const char *from = envelope_sender(&r->envelope), *to = envelope_address(&r->envelope, 0);
    if (event->kind == SMTP_ON_MESSAGE && event->again) {
        r->begun = false;
        r->without = event->without;
    } else if (event->kind == SMTP_ON_RECIPIENT) {
        observer_step(observer, "MAIL");
        observer_passed(observer, "from <%s>: taken", from);
        observer_step(observer, "RCPT");
        refuse(r, &event->outcome, "RCPT", to);
    } else if (event->kind == SMTP_ON_MESSAGE && event->outcome.scope != SCOPE_SESSION &&
               !r->refused) {
        observer_step(observer, "MAIL");
        if (event->outcome.verdict != VERDICT_DELIVERED) {
            refuse(r, &event->outcome, "MAIL", from);
            return;
        }
        observer_passed(observer, "from <%s>: taken", from);
        observer_step(observer, "RCPT");
        observer_passed(observer, "to <%s>: taken, and taken back: nothing was sent", to);
    }
}
