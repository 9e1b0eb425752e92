// SPDX-License-Identifier: ISC
#include "sendoff/pass/addressee.h"

#include <string.h>
#include <syslog.h>

#include "base/diag.h"
#include "message/address.h"
#include "message/policy.h"
#include "spool/recipients.h"

enum { COMPLAINT_MAX = 8192 };

static void log_skipped(void *arg, const char *complaint)
{
    (void)arg;
    diag_log(LOG_WARNING, "aliases: %s", complaint);
}

// Adds whom a bare name leads to, as a recipient's does; what stays bare is nobody.
static void add_local(const struct addressee *a, struct span name, bool local_to,
                      struct envelope *to)
{
    struct envelope named, reached;
    struct buf why = BUF_INIT(COMPLAINT_MAX);
    struct recipients_rules rules = {
        .aliases = a->config->aliases,
        .local_to = local_to ? span_of(a->config->local_to) : SPAN(""),
        .domain = a->domain,
        .skipped = log_skipped,
    };
    envelope_init(&named);
    envelope_init(&reached);
    if (envelope_add(&named, name, SPAN("")) &&
        recipients_resolve(&reached, &named, &rules, &why))
        for (size_t i = 0; i < envelope_count(&reached); i++) {
            struct span mailbox = span_of(envelope_address(&reached, i));
            if (!address_is_bare(mailbox) && !envelope_add(to, mailbox, SPAN("")))
                break;
        }
    envelope_free(&named);
    envelope_free(&reached);
    buf_free(&why);
}

// The local part of an address with our own domain.
static bool is_ours(const struct addressee *a, struct span sender, struct span *local)
{
    size_t n = sender.n;
    while (n && sender.p[n - 1] != '@')
        n--;
    if (n < 2 || !a->domain.n ||
        !span_equal_nocase((struct span){sender.p + n, sender.n - n}, a->domain))
        return false;
    *local = (struct span){sender.p, n - 1};
    return true;
}

// Injection completes the names of local users, so they are looked for with our domain, too.
static void add_sender(const struct addressee *a, struct span sender, struct envelope *to)
{
    struct span local;
    if (address_is_bare(sender))
        add_local(a, sender, true, to);
    else if (is_ours(a, sender, &local))
        add_local(a, local, span_equal(local, a->login), to);
    else if (!envelope_add(to, sender, SPAN("")))
        return;
}

// Whether it is just the sender himself, in whose place the policy would put another address.
static bool is_replaced(const struct addressee *a, struct span sender,
                        const struct envelope *to)
{
    struct buf whole = BUF_INIT(ENVELOPE_ADDRESS_MAX);
    if (a->account->sender != SENDER_FORCE || envelope_count(to) != 1)
        return false;
    recipients_complete(&whole, sender, a->domain);
    bool same = envelope_same(buf_span(&whole), span_of(envelope_address(to, 0)));
    buf_free(&whole);
    return same;
}

static bool add_bounce_to(const struct addressee *a, struct envelope *to)
{
    struct span address = span_of(a->config->bounce_to);
    return address.n && envelope_add(to, address, SPAN(""));
}

// The address that the policy puts in is the account's own: no stranger's.
static bool add_from(const struct addressee *a, struct envelope *to)
{
    struct buf from = BUF_INIT(ENVELOPE_ADDRESS_MAX);
    bool good = policy_from(&from, span_of(config_from(a->account)), a->login, a->host) &&
                envelope_add(to, buf_span(&from), SPAN(""));
    buf_free(&from);
    return good;
}

bool addressee_find(const struct addressee *a, struct span sender, struct envelope *to)
{
    add_sender(a, sender, to);
    if (is_replaced(a, sender, to)) {
        envelope_free(to);
        envelope_init(to);
        return add_bounce_to(a, to) || add_from(a, to);
    }
    return envelope_count(to) || add_bounce_to(a, to);
}

bool addressee_user(const struct addressee *a, struct envelope *to)
{
    return add_bounce_to(a, to) || addressee_find(a, a->login, to);
}
