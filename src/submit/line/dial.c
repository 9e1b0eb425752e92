// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/line/dial.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/io.h"
#include "submit/line/contest.h"
#include "submit/line/endpoint.h"
#include "submit/line/resolve.h"
#include "submit/line/route.h"
#include "submit/trouble.h"

void dial_init(struct dial *d, const struct config_account *a, const char *known)
{
    *d = (struct dial){.fd = -1, .left = (int64_t)a->timeout_connect * 1000};
    targets_init(&d->targets, a, known);
}

void dial_close(struct dial *d)
{
    io_close(d->fd);
    d->fd = -1;
}

void dial_drop(struct dial *d, const struct outcome *why)
{
    dial_close(d);
    reasons_add(&d->reasons, why);
}

void dial_tell(const struct dial *d, struct outcome *trouble)
{
    struct reasons all = d->reasons;
    reasons_add(&all, trouble);
    reasons_tell(&all, trouble);
}

// ---- One host

// The name has no address. Where nothing leaves this process, the resolver is not to blame.
static void excuse_resolver(struct outcome *trouble)
{
    struct outcome why = *trouble;
    if (trouble_is(&why, TROUBLE_DNS) && !route_exists())
        trouble_set(trouble, TROUBLE_ROUTE, "%s; there is no way out of here", why.text);
}

static void show_addresses(const struct observer *observer, const struct target *t,
                           const struct contest *c)
{
    struct buf line = BUF_INIT(1024);
    for (size_t i = 0; i < c->n; i++) {
        buf_puts(&line, i ? ", " : " ");
        endpoint_put(&line, &c->entrant[i].address);
    }
    observer_passed(observer, "%s is%s", t->host, buf_str(&line));
    buf_free(&line);
}

// The addresses in the order in which they start, as far as there is an address of ours to
// connect from.
static bool enter(struct contest *c, const struct dial *d, const struct addresses *found,
                  struct outcome *trouble)
{
    const struct config_account *a = d->targets.account;
    const struct known *known = &d->targets.known;
    bool same = span_equal_nocase(span_of(known->host), span_of(d->target.host));
    struct endpoint source[ENDPOINT_SOURCES];
    if (!endpoint_sources(source, span_of(a->source_address))) {
        trouble_set(trouble, TROUBLE_CONFIG, "config: %s: source_address: %s: not an address",
                    a->name, a->source_address);
        return false;
    }
    contest_init(c, found, source, same ? known->address : "");
    if (c->n)
        return true;
    trouble_set(trouble, TROUBLE_CONNECT,
                "connect to %s: it has no address that source_address = %s can reach",
                d->target.host, a->source_address);
    return false;
}

// Notes who answered; the address is the connected one, not the one that was asked for.
static bool identify(struct dial *d)
{
    struct endpoint peer = {.length = sizeof peer.at};
    struct buf text = BUF_INIT(sizeof d->relay - 1);
    if (getpeername(d->fd, (struct sockaddr *)&peer.at, &peer.length))
        return false;
    d->loopback = endpoint_is_loopback(&peer);
    buf_printf(&text, "%s[", d->target.host);
    endpoint_put(&text, &peer);
    buf_printf(&text, "]:%u", (unsigned)d->target.port);
    memcpy(d->relay, buf_str(&text), text.n + 1);
    buf_free(&text);
    return true;
}

static enum dial_answer call_target(struct dial *d, struct wait *w, int64_t deadline,
                                    struct observer *observer, struct outcome *trouble)
{
    struct addresses found;
    struct contest contest;
    observer_step(observer, "DNS");
    switch (resolve(&found, d->target.host, d->target.port, w, deadline, trouble)) {
    case RESOLVE_FOUND: break;
    case RESOLVE_FAILED: excuse_resolver(trouble); return DIAL_FAILED;
    case RESOLVE_ENDED: return DIAL_ENDED;
    }
    if (!enter(&contest, d, &found, trouble))
        return DIAL_FAILED;
    show_addresses(observer, &d->target, &contest);
    observer_step(observer, "TCP");
    switch (contest_run(&contest, w, deadline, &d->fd)) {
    case CONTEST_WON:
        if (identify(d))
            return DIAL_DONE;
        trouble_set(trouble, TROUBLE_CONNECT, "connect to %s: %s", d->target.host,
                    strerror(errno));
        dial_close(d);
        return DIAL_FAILED;
    case CONTEST_LOST:
        contest_tell(&contest, d->target.host, d->target.port, trouble);
        return DIAL_FAILED;
    case CONTEST_ENDED: break;
    }
    return DIAL_ENDED;
}

// ---- All of them

// A host that was passed over is worth a look, even if mail goes by the next one.
static void tell_passed_over(struct dial *d, struct observer *observer)
{
    observer_step(observer, "host");
    for (; d->told < d->reasons.n; d->told++)
        if (!trouble_is(&d->reasons.list[d->told], TROUBLE_ROUTE))
            observer_warned(observer, "%s; went on to %s", d->reasons.list[d->told].text,
                            d->relay);
    observer_step(observer, "TCP");
}

static void show_domain(const struct observer *observer, const struct targets *t)
{
    struct buf line = BUF_INIT(2048);
    for (size_t i = 0; i < t->found.n; i++) {
        const struct srv_record *r = &t->found.record[i];
        buf_printf(&line, "%s%s:%u (%s)", i ? ", " : "", r->target, (unsigned)r->port,
                   r->implicit ? "implicit TLS" : "STARTTLS");
    }
    observer_passed(observer, "srv:%s is %s", t->domain, buf_str(&line));
    buf_free(&line);
}

static enum dial_answer next_target(struct dial *d, struct wait *w, int64_t deadline,
                                    struct observer *observer, struct outcome *trouble)
{
    bool asks = targets_asks(&d->targets);
    if (asks)
        observer_step(observer, "DNS");
    switch (targets_next(&d->targets, &d->target, w, deadline, trouble)) {
    case TARGETS_NEXT: break;
    case TARGETS_NONE:
    case TARGETS_FAILED: excuse_resolver(trouble); return DIAL_FAILED;
    case TARGETS_ENDED: return DIAL_ENDED;
    }
    if (asks)
        show_domain(observer, &d->targets);
    return call_target(d, w, deadline, observer, trouble);
}

enum dial_answer dial_next(struct dial *d, struct wait *w, struct observer *observer,
                           struct outcome *trouble)
{
    enum dial_answer answer = DIAL_FAILED;
    if (targets_are_used_up(&d->targets) && !d->reasons.n)
        trouble_set(trouble, TROUBLE_CONFIG, "config: account %s has no host",
                    d->targets.account->name);
    while (answer == DIAL_FAILED && !targets_are_used_up(&d->targets)) {
        int64_t begin = clock_steady();
        int64_t share = d->left / (int64_t)targets_left(&d->targets);
        answer = next_target(d, w, begin + share, observer, trouble);
        d->left -= clock_steady() - begin;
        if (d->left < 0)
            d->left = 0;
        if (answer == DIAL_FAILED)
            reasons_add(&d->reasons, trouble);
    }
    if (answer == DIAL_FAILED)
        reasons_tell(&d->reasons, trouble);
    if (answer == DIAL_DONE) {
        observer_passed(observer, "connected to %s", d->relay);
        tell_passed_over(d, observer);
    }
    return answer;
}
