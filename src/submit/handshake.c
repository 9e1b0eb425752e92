// SPDX-License-Identifier: ISC
#include "submit/handshake.h"

#include <string.h>

#include "submit/trouble.h"

enum { HANDSHAKE_LOCAL_STRENGTH = 128 }; // bits: what loopback counts as, where nobody listens

void handshake_trouble(struct handshake *h, const struct outcome *o)
{
    if (h->troubled)
        return;
    h->troubled = true;
    h->trouble = *o;
}

// ---- TLS

static void show_tls(struct handshake *h)
{
    struct tls_facts f;
    if (tls_facts(h->tls, &f))
        observer_passed(h->observer, "%s, %s; certificate: %s; issuer: %s; expires %s",
                        f.version, f.cipher, f.subject, f.issuer, f.expires);
}

// The name that the certificate must bear; an IP literal loses its brackets.
static void wanted_name(const struct handshake *h, char *to, size_t size)
{
    const char *name = h->account->tls_name;
    struct span text = span_of(name[0] ? name : h->line->host);
    if (text.n > 2 && text.p[0] == '[' && text.p[text.n - 1] == ']')
        text = (struct span){text.p + 1, text.n - 2};
    if (text.n >= size)
        text.n = size - 1;
    memcpy(to, text.p, text.n);
    to[text.n] = '\0';
}

static void fail_tls(struct handshake *h, const struct outcome *trouble)
{
    handshake_trouble(h, trouble);
    smtp_fail(h->smtp, trouble->text);
}

bool handshake_tls(struct handshake *h)
{
    char name[DIAL_HOST_MAX + 1];
    struct outcome trouble = {0};
    if (!h->begun) {
        observer_step(h->observer, "TLS");
        wanted_name(h, name, sizeof name);
        h->begun = true;
        if (!tls_begin(h->tls, h->line->fd, name, &trouble)) {
            fail_tls(h, &trouble);
            return true;
        }
    }
    switch (tls_handshake(h->tls, &trouble)) {
    case TLS_UP:
        h->encrypted = true;
        show_tls(h);
        observer_step(h->observer, "EHLO");
        smtp_tls_up(h->smtp);
        return true;
    case TLS_FAILED: fail_tls(h, &trouble); return true;
    case TLS_WAIT: break;
    }
    return false;
}

// ---- AUTH

void handshake_end(struct handshake *h)
{
    auth_free(h->auth);
    h->auth = NULL;
}

static unsigned strength(const struct handshake *h)
{
    struct tls_facts f;
    if (h->encrypted)
        return tls_facts(h->tls, &f) ? f.bits : 0;
    return h->line->loopback ? HANDSHAKE_LOCAL_STRENGTH : 0;
}

// AUTH can not succeed on this connection.
static void give_auth_up(struct handshake *h, enum trouble_kind kind)
{
    struct outcome trouble;
    trouble_set(&trouble, kind, "%s", buf_str(&h->why));
    handshake_trouble(h, &trouble);
    handshake_end(h);
    smtp_quit(h->smtp);
}

void handshake_show(const struct handshake *h)
{
    const struct ehlo *e = smtp_ehlo(h->smtp);
    struct buf line = BUF_INIT(2048);
    for (unsigned i = 0; i < EHLO_BITS; i++)
        if (ehlo_has(e, (enum ehlo_capability)(1U << i)))
            buf_printf(&line, "%s%s", line.n ? " " : "", ehlo_keyword((enum ehlo_bit)i));
    observer_passed(h->observer, "%s", line.n ? buf_str(&line) : "no extensions");
    buf_free(&line);
}

static void begin_auth(struct handshake *h)
{
    struct span initial;
    if (!h->mechanism) {
        const char *offered = smtp_ehlo(h->smtp)->mechanisms;
        handshake_show(h);
        observer_step(h->observer, "AUTH");
        auth_offer(h->auth, h->line->host, strength(h), span_of(offered));
    }
    h->mechanism = auth_begin(h->auth, &initial, &h->why);
    if (!h->mechanism[0]) {
        give_auth_up(h, TROUBLE_WEAK);
    } else if (!smtp_auth(h->smtp, h->mechanism, initial)) {
        buf_clear(&h->why);
        buf_printf(&h->why, "AUTH %s: can not be sent", h->mechanism);
        give_auth_up(h, TROUBLE_AUTH);
    }
}

void handshake_auth(struct handshake *h)
{
    struct span challenge = smtp_challenge(h->smtp), response;
    if (!challenge.p) {
        begin_auth(h);
        return;
    }
    if (auth_step(h->auth, challenge, &response, &h->why) &&
        smtp_auth_response(h->smtp, response))
        return;
    // What the server said was wrong for the mechanism. It may be somebody who wants a weaker
    // one to be tried next, so none is.
    struct outcome trouble;
    trouble_set(&trouble, TROUBLE_AUTH, "%s",
                h->why.n ? buf_str(&h->why) : "AUTH: the server's challenge makes no sense");
    handshake_trouble(h, &trouble);
    smtp_auth_cancel(h->smtp);
}

// Whether the server refused the mechanism, not the credentials (RFC 4954, 4 and 6; RFC 5248).
static bool mechanism_refused(const struct outcome *o)
{
    return o->code == 504 || o->code == 534 ||
           ((o->code == 500 || o->code == 501 || o->code == 502) && o->status[1] == 5);
}

void handshake_on_auth(struct handshake *h, const struct outcome *o)
{
    struct outcome trouble = *o;
    if (o->verdict == VERDICT_DELIVERED && auth_content(h->auth)) {
        observer_passed(h->observer, "%s as %s", h->mechanism, h->account->user);
        handshake_end(h);
        return;
    }
    if (o->verdict == VERDICT_DELIVERED) {
        trouble_set(&trouble, TROUBLE_AUTH,
                    "AUTH %s: the server said yes without proving who it is", h->mechanism);
        handshake_trouble(h, &trouble);
        smtp_fail(h->smtp, trouble.text);
        handshake_end(h);
        return;
    }
    if (!h->troubled && mechanism_refused(o))
        return; // SMTP_AUTH is wanted again, and the next mechanism comes
    buf_clear(&h->why);
    buf_printf(&h->why, "AUTH %s: %u %u.%u.%u %s", h->mechanism, o->code, o->status[0],
               o->status[1], o->status[2], o->text);
    outcome_text(&trouble, buf_span(&h->why));
    trouble.verdict = VERDICT_DEFERRED;
    trouble.scope = SCOPE_SESSION;
    handshake_trouble(h, &trouble);
    handshake_end(h);
    smtp_quit(h->smtp);
}
