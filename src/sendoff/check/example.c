// SPDX-License-Identifier: ISC
#include "sendoff/check/example.h"

#include <unistd.h>

#include "message/envelope.h"
#include "message/policy.h"
#include "sendoff/pass/login.h"

static const struct {
    enum policy_mode mode;
    const char *word;
} modes[] = {[SENDER_KEEP] = {POLICY_KEEP, "keep"},
             [SENDER_QUALIFY] = {POLICY_QUALIFY, "qualify"},
             [SENDER_FORCE] = {POLICY_FORCE, "force"}};

// The envelope sender of such a user's mail as it lies in the queue: injection has completed it
// where it could.
static void put_queued(struct buf *out, struct span login, struct span domain)
{
    buf_put_span(out, login);
    buf_puts(out, domain.n ? "@" : "");
    buf_put_span(out, domain);
}

static bool put_senders(struct buf *out, const struct policy *p, struct span queued)
{
    struct buf sent = BUF_INIT(ENVELOPE_ADDRESS_MAX);
    bool good = policy_sender(&sent, p, queued);
    text_clean(out, queued, ENVELOPE_ADDRESS_MAX);
    if (!good)
        buf_puts(out, " has no domain, and none is known here: set `domain` in [sendoff]");
    else if (envelope_same(queued, buf_span(&sent)))
        buf_puts(out, " stays");
    else
        buf_printf(out, " -> %s", buf_str(&sent));
    if (good && p->rewrite_null)
        buf_printf(out, ", <> -> %.*s", SPAN_ARGS(p->from));
    buf_free(&sent);
    return good;
}

bool example_put(const struct config *c, const struct config_account *a, struct span login,
                 struct span host, struct span domain, struct buf *out)
{
    struct buf from = BUF_INIT(ENVELOPE_ADDRESS_MAX), queued = BUF_INIT(ENVELOPE_ADDRESS_MAX);
    const char *pattern = config_from(a);
    struct policy p = {.mode = modes[a->sender].mode,
                       .rewrite_null = c->null_sender == NULL_SENDER_REWRITE,
                       .domain = domain,
                       .login = login};
    bool good = true;
    buf_printf(out, "%s: ", modes[a->sender].word);
    put_queued(&queued, login, domain);
    if (login_is_wanted(c, a))
        good = policy_from(&from, span_of(pattern), login, host);
    p.from = buf_span(&from);
    if (good)
        good = put_senders(out, &p, buf_span(&queued));
    else
        buf_printf(out, "'%s' makes no address for this user and host", pattern);
    buf_free(&from);
    buf_free(&queued);
    return good;
}

bool example_sender(const struct config *c, const struct config_account *a, struct buf *out)
{
    struct buf host = BUF_INIT(1024), domain = BUF_INIT(1024), login = BUF_INIT(1024);
    config_host(&host);
    login_find(geteuid(), &login);
    if (!config_domain(c, &domain))
        buf_clear(&domain);
    bool good = example_put(c, a, buf_span(&login), buf_span(&host), buf_span(&domain), out);
    buf_free(&host);
    buf_free(&domain);
    buf_free(&login);
    return good;
}
