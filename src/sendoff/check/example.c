// SPDX-License-Identifier: ISC
#include "sendoff/check/example.h"

#include <unistd.h>

#include "message/envelope.h"
#include "message/policy.h"
#include "sendoff/spools/login.h"

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

// The policy, and the sender in the queue, for such a user. False where `from` makes no
// address.
static bool set_policy(struct policy *p, const struct config *c, const struct config_account *a,
                       struct span login, struct span host, struct span domain,
                       struct buf *from, struct buf *queued)
{
    *p = (struct policy){.mode = modes[a->sender].mode,
                         .rewrite_null = c->null_sender == NULL_SENDER_REWRITE,
                         .domain = domain,
                         .login = login};
    put_queued(queued, login, domain);
    if (login_is_wanted(c, a) && !policy_from(from, span_of(config_from(a)), login, host))
        return false;
    p->from = buf_span(from);
    return true;
}

bool example_put(const struct config *c, const struct config_account *a, struct span login,
                 struct span host, struct span domain, struct buf *out)
{
    struct buf from = BUF_INIT(ENVELOPE_ADDRESS_MAX), queued = BUF_INIT(ENVELOPE_ADDRESS_MAX);
    struct policy p;
    bool good = set_policy(&p, c, a, login, host, domain, &from, &queued);
    buf_printf(out, "%s: ", modes[a->sender].word);
    if (good)
        good = put_senders(out, &p, buf_span(&queued));
    else
        buf_printf(out, "'%s' makes no address for this user and host", config_from(a));
    buf_free(&from);
    buf_free(&queued);
    return good;
}

// What this host says of the user who runs us.
struct example_host {
    struct buf name, domain, login;
};

static void host_ask(struct example_host *h, const struct config *c)
{
    *h = (struct example_host){BUF_INIT(1024), BUF_INIT(1024), BUF_INIT(1024)};
    config_host(&h->name);
    login_find(geteuid(), &h->login);
    if (!config_domain(c, &h->domain))
        buf_clear(&h->domain);
}

static void host_free(struct example_host *h)
{
    buf_free(&h->name);
    buf_free(&h->domain);
    buf_free(&h->login);
}

bool example_sender(const struct config *c, const struct config_account *a, struct buf *out)
{
    struct example_host h;
    host_ask(&h, c);
    bool good = example_put(c, a, buf_span(&h.login), buf_span(&h.name), buf_span(&h.domain),
                            out);
    host_free(&h);
    return good;
}

bool example_envelope(const struct config *c, const struct config_account *a, struct buf *out)
{
    struct buf from = BUF_INIT(ENVELOPE_ADDRESS_MAX), queued = BUF_INIT(ENVELOPE_ADDRESS_MAX);
    struct policy p;
    struct example_host h;
    host_ask(&h, c);
    bool good = set_policy(&p, c, a, buf_span(&h.login), buf_span(&h.name), buf_span(&h.domain),
                           &from, &queued) &&
                policy_sender(out, &p, buf_span(&queued));
    host_free(&h);
    buf_free(&from);
    buf_free(&queued);
    return good;
}
