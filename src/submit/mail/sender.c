// SPDX-License-Identifier: ISC
#include "submit/mail/sender.h"

#include <stdio.h>

void sender_init(struct sender *s, const struct config *c, const struct config_account *a)
{
    static const enum policy_mode modes[] = {[SENDER_KEEP] = POLICY_KEEP,
                                             [SENDER_QUALIFY] = POLICY_QUALIFY,
                                             [SENDER_FORCE] = POLICY_FORCE};
    *s = (struct sender){.pattern = config_from(a),
                         .domain = BUF_INIT(1024),
                         .host = BUF_INIT(1024),
                         .from = BUF_INIT(ENVELOPE_ADDRESS_MAX),
                         .address = BUF_INIT(ENVELOPE_ADDRESS_MAX)};
    s->policy.mode = modes[a->sender];
    s->policy.rewrite_null = c->null_sender == NULL_SENDER_REWRITE;
    header_init(&s->header);
    s->header.text.max = FIXUP_MAX;
    config_host(&s->host);
    if (config_domain(c, &s->domain))
        s->policy.domain = buf_span(&s->domain);
}

void sender_free(struct sender *s)
{
    buf_free(&s->domain);
    buf_free(&s->host);
    buf_free(&s->from);
    buf_free(&s->address);
    header_free(&s->header);
}

static bool refuse(struct sender *s, const char *why)
{
    snprintf(s->why, sizeof s->why, "%s", why);
    return false;
}

// Whom this job's mail is from, where the policy puts that in.
static bool fill_in(struct sender *s, const struct job *job)
{
    bool null = envelope_sender(&job->envelope)[0] == '\0';
    if (s->policy.mode != POLICY_FORCE && !(null && s->policy.rewrite_null))
        return true;
    s->policy.login = buf_span(&job->login);
    buf_clear(&s->from);
    if (!policy_from(&s->from, span_of(s->pattern), s->policy.login, buf_span(&s->host)))
        return refuse(s, "sender policy: `from` makes no address for this user and host");
    s->policy.from = buf_span(&s->from);
    return true;
}

static bool set_sender(struct sender *s, struct job *job)
{
    buf_clear(&s->address);
    if (!policy_sender(&s->address, &s->policy, span_of(envelope_sender(&job->envelope))))
        return refuse(s, "the sender has no domain, and none is known here: set `domain`");
    return (!s->address.over && envelope_set_sender(&job->envelope, buf_span(&s->address))) ||
           refuse(s, "the sender's address is too long");
}

static uint64_t size_on_wire(struct span text)
{
    uint64_t size = text.n;
    for (size_t i = 0; i < text.n; i++)
        size += text.p[i] == '\n';
    return size;
}

static enum sender_answer replace_header(struct sender *s, struct source *source,
                                         uint64_t *size)
{
    struct header *h = &s->header;
    uint64_t old;
    buf_clear(&h->text);
    h->open = h->skip = false;
    if (!source_header(source, h, &old))
        return SENDER_FILE;
    bool fits = policy_header(&source->head, &s->policy, buf_span(&h->text));
    buf_putc(&source->head, '\n');
    if (!fits || source->head.over) {
        (void)refuse(s, "sender policy: the header is too long for it");
        return SENDER_REFUSED;
    }
    // What the block says of the message's lines is not to be relied on.
    *size = (*size > old ? *size - old : 0) + size_on_wire(buf_span(&source->head));
    return SENDER_READY;
}

enum sender_answer sender_apply(struct sender *s, struct source *source, struct job *job,
                                bool first, uint64_t *size)
{
    s->why[0] = '\0';
    if (s->policy.mode == POLICY_KEEP && !s->policy.rewrite_null)
        return SENDER_READY;
    if (!fill_in(s, job) || (first && !set_sender(s, job)))
        return SENDER_REFUSED;
    return s->policy.mode == POLICY_KEEP ? SENDER_READY : replace_header(s, source, size);
}
