// SPDX-License-Identifier: ISC
#include "submit/line/targets.h"

#include <string.h>

#include "submit/line/resolve.h"

enum { PORT_SUBMISSION = 587, PORT_SUBMISSIONS = 465, PORT_MAX = 65535 }; // RFC 8314, 3.3

uint16_t targets_port(const struct config_account *a)
{
    if (a->port)
        return (uint16_t)a->port;
    return a->tls == TLS_IMPLICIT ? PORT_SUBMISSIONS : PORT_SUBMISSION;
}

static uint16_t port_of(const struct config_account *a, const struct host *h)
{
    return h->port ? (uint16_t)h->port : targets_port(a);
}

bool targets_ports(const struct config_account *a, uint16_t ports[HOSTS_MOST + 1])
{
    struct span hosts = span_of(a->host);
    struct host h;
    size_t n = 0;
    while (n < HOSTS_MOST && hosts_next(&hosts, &h)) {
        if (h.srv)
            return false;
        ports[n++] = port_of(a, &h);
    }
    ports[n] = 0;
    return true;
}

// Whether it fitted.
static bool copy(char to[TARGETS_NAME_MAX + 1], struct span from)
{
    if (from.n > TARGETS_NAME_MAX)
        return false;
    if (from.n)
        memcpy(to, from.p, from.n);
    to[from.n] = '\0';
    return true;
}

// ---- What is known

static bool read_known(struct known *k, const char *text)
{
    struct span rest = span_of(text), host, address;
    uint64_t port;
    if (!span_cut(&rest, '[', &host) || !rest.p || !span_cut(&rest, ']', &address) || !rest.p ||
        rest.n < 2 || rest.p[0] != ':')
        return false;
    if (!text_number((struct span){rest.p + 1, rest.n - 1}, PORT_MAX, &port) ||
        address.n >= sizeof k->address || !copy(k->host, host))
        return false;
    memcpy(k->address, address.p, address.n);
    k->address[address.n] = '\0';
    k->port = (uint16_t)port;
    return true;
}

static bool is_known(const struct targets *t, struct span name, uint16_t port)
{
    return t->known.host[0] && t->known.port == port &&
           span_equal_nocase(span_of(t->known.host), name);
}

static bool is_known_host(const struct targets *t, const struct host *h)
{
    return !h->srv && is_known(t, h->name, port_of(t->account, h));
}

void targets_init(struct targets *t, const struct config_account *a, const char *known)
{
    struct span hosts = span_of(a->host);
    struct host h;
    *t = (struct targets){.account = a, .rest = hosts};
    if (!read_known(&t->known, known))
        t->known.host[0] = '\0';
    while (hosts_next(&hosts, &h))
        t->ahead |= is_known_host(t, &h);
}

// ---- In turn

// A host of the config.
static bool take_host(const struct targets *t, const struct host *h, struct target *target)
{
    *target = (struct target){.port = port_of(t->account, h),
                              .tls = (enum config_tls)t->account->tls};
    return copy(target->host, h->name) && copy(target->name, h->name);
}

// A record of the domain's. Whoever has a name below the domain in a certificate was given it
// by the domain's owner.
static bool take_record(struct targets *t, struct target *target)
{
    const struct srv_record *r = &t->found.record[t->at++];
    struct span host = span_of(r->target), domain = span_of(t->domain);
    bool within = span_is_within(host, domain);
    *target = (struct target){.port = r->port,
                              .tls = r->implicit ? TLS_IMPLICIT : TLS_STARTTLS};
    return copy(target->host, host) && copy(target->name, within ? host : domain) &&
           copy(target->also, within ? domain : SPAN(""));
}

// The known one first.
static void bring_forward(struct targets *t)
{
    struct srv_record *r = t->found.record;
    for (size_t i = 0; i < t->found.n; i++) {
        struct srv_record known = r[i];
        if (!is_known(t, span_of(known.target), known.port))
            continue;
        memmove(r + 1, r, i * sizeof *r);
        r[0] = known;
        return;
    }
}

static enum targets_answer ask(struct targets *t, struct span domain, struct wait *w,
                               int64_t deadline, struct outcome *trouble)
{
    bool implicit = t->account->tls == TLS_IMPLICIT;
    t->at = 0;
    t->found.n = 0;
    if (!copy(t->domain, domain))
        return TARGETS_NEXT;
    switch (resolve_srv(&t->found, t->domain, implicit, w, deadline, trouble)) {
    case RESOLVE_FOUND: break;
    case RESOLVE_FAILED: return TARGETS_FAILED;
    case RESOLVE_ENDED: return TARGETS_ENDED;
    }
    bring_forward(t);
    return TARGETS_NEXT;
}

// The known host before its turn.
static bool take_ahead(struct targets *t, struct target *target)
{
    struct span hosts = span_of(t->account->host);
    struct host h;
    t->ahead = false;
    while (hosts_next(&hosts, &h))
        if (is_known_host(t, &h))
            return t->went_ahead = take_host(t, &h, target);
    return false;
}

enum targets_answer targets_next(struct targets *t, struct target *target, struct wait *w,
                                 int64_t deadline, struct outcome *trouble)
{
    struct host h;
    if (t->ahead && take_ahead(t, target))
        return TARGETS_NEXT;
    for (;;) {
        while (t->at < t->found.n)
            if (take_record(t, target))
                return TARGETS_NEXT;
        if (!hosts_next(&t->rest, &h))
            return TARGETS_NONE;
        if (h.srv) {
            enum targets_answer answer = ask(t, h.name, w, deadline, trouble);
            if (answer != TARGETS_NEXT)
                return answer;
        } else if (!(t->went_ahead && is_known_host(t, &h)) && take_host(t, &h, target)) {
            return TARGETS_NEXT;
        }
    }
}

size_t targets_left(const struct targets *t)
{
    size_t n = hosts_count(t->rest) + (t->found.n - t->at);
    return n ? n : 1;
}

bool targets_asks(const struct targets *t)
{
    struct span rest = t->rest;
    struct host h;
    return !t->ahead && t->at == t->found.n && hosts_next(&rest, &h) && h.srv;
}

bool targets_are_used_up(const struct targets *t)
{
    struct span rest = t->rest;
    struct host h;
    bool more = t->ahead || t->at < t->found.n;
    while (!more && hosts_next(&rest, &h))
        more = !(t->went_ahead && is_known_host(t, &h));
    return !more;
}
