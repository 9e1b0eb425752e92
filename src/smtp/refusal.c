// SPDX-License-Identifier: ISC
// What a refusal means: the end of a message or a recipient, trouble for now, or no more than
// that the server does not do what it offers. It was asked in a way that is as good as another
// one then, and is asked again in that.
#include "smtp/refusal.h"

#include "smtp/engine.h"

// 503 and 530 speak of the session's state, and a 552 without the code of a full mailbox may
// mean too many recipients (RFC 5321, 4.5.3.1.10): no ground for giving up for good.
struct outcome refusal_of(const struct smtp *s, enum scope scope)
{
    struct outcome o = {.scope = scope};
    reply_outcome(&s->reply, &o);
    bool final = o.code >= 500 && o.code != 503 && o.code != 530;
    if (scope == SCOPE_RECIPIENT && o.code == 552 &&
        (s->reply.status[0] == 0 || (o.status[1] == 5 && o.status[2] == 3)))
        final = false;
    o.verdict = final ? VERDICT_FAILED : VERDICT_DEFERRED;
    return o;
}

// A server that offers BDAT and then does not know it, or loses count of it, judges no message
// by that; what follows goes by DATA.
struct outcome refusal_of_chunk(struct smtp *s, struct smtp_transaction *t)
{
    struct outcome o = refusal_of(s, SCOPE_MESSAGE);
    if (o.code / 10 == 50 && !t->judged) {
        o.verdict = VERDICT_DEFERRED;
        s->stumbles |= STUMBLE_CHUNKING;
        s->reset = s->alone = true;
        t->again = !t->message.binary;
    }
    return o;
}

// It says nothing of that one: coming first in another transaction it is taken (RFC 5321,
// 4.5.3.1.10). 552 was an old way to say it.
bool refusal_is_of_many(const struct smtp *s)
{
    const struct reply *r = &s->reply;
    return (r->code == 452 || r->code == 552) && r->status[1] == 5 && r->status[2] == 3;
}

// 555 is the word for it (RFC 5321, 4.1.1.11). 501 and 504 are said of an address too: with a
// status that tells of anything but parameters it is not them.
static bool is_about_parameters(const struct reply *r)
{
    bool open = r->status[0] == 0 || (r->status[1] == 5 && r->status[2] == 4);
    return r->code == 555 || ((r->code == 501 || r->code == 504) && open);
}

// No server says which parameter it is. So first goes what costs nothing, then the rest in
// place of that, then all: with one culprit, nothing else is found guilty.
unsigned refusal_spares(const struct smtp *s, const struct smtp_awaited *a)
{
    unsigned without = s->transactions[a->slot].message.without;
    if (!a->spare || !is_about_parameters(&s->reply))
        return 0;
    if (a->step == SMTP_STEP_RCPT)
        return without | a->spare;
    if (without == 0)
        return a->spare & STUMBLE_PARAMETERS ? STUMBLE_PARAMETERS : a->spare;
    if (without == STUMBLE_PARAMETERS)
        return a->spare;
    return without | a->spare;
}

void refusal_settled(struct smtp *s, const struct smtp_awaited *a)
{
    unsigned without = s->transactions[a->slot].message.without;
    unsigned here = STUMBLE_DSN; // MAIL tells nothing of what RCPT was refused for
    if (a->step == SMTP_STEP_MAIL)
        here = STUMBLE_PARAMETERS | STUMBLE_BODY;
    s->smooth |= a->spare;
    s->stumbles |= without & here;
}
