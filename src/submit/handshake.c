// SPDX-License-Identifier: ISC
#include "submit/handshake.h"

#include <string.h>

#include "submit/tls/tls_show.h"
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
        tls_show(&f, h->account, tls_identified(h->tls), h->observer);
}

// The name that the certificate must bear; an IP literal loses its brackets.
static void wanted_name(const struct handshake *h, char *to, size_t size)
{
    const char *name = h->account->tls_name;
    struct span text = span_of(name[0] ? name : h->line->target.name);
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
    char name[TARGETS_NAME_MAX + 1];
    const char *also = h->account->tls_name[0] ? "" : h->line->target.also;
    struct outcome trouble = {0};
    if (!h->begun) {
        observer_step(h->observer, "TLS");
        wanted_name(h, name, sizeof name);
        h->begun = true;
        if (!tls_begin(h->tls, h->line->fd, name, also, &trouble)) {
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
    buf_free(&h->binding);
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

static void end_refused(struct handshake *h, const struct outcome *refusal)
{
    h->refused = auth_refused(refusal);
    handshake_trouble(h, refusal);
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

// What binds a login to the connection. The exporter's is the one to take: it changes with each
// connection. The other one is the server's certificate.
static const char *take_binding(struct handshake *h)
{
    if (!h->encrypted)
        return NULL;
    if (tls_binding(h->tls, TLS_BINDING_EXPORTER, &h->binding))
        return "tls-exporter";
    if (tls_binding(h->tls, TLS_BINDING_END_POINT, &h->binding))
        return "tls-server-end-point";
    return NULL;
}

static void offer(struct handshake *h)
{
    struct auth_line line = {.host = h->line->target.host,
                             .port = h->line->target.port,
                             .strength = strength(h),
                             .binding_name = take_binding(h),
                             .binding = buf_span(&h->binding),
                             .identified = h->encrypted && tls_identified(h->tls)};
    handshake_show(h);
    observer_step(h->observer, "AUTH");
    if (smtp_ehlo(h->smtp)->mechanisms[0])
        observer_passed(h->observer, "offered: %s", smtp_ehlo(h->smtp)->mechanisms);
    auth_offer(h->auth, &line, span_of(smtp_ehlo(h->smtp)->mechanisms));
}

static void begin_auth(struct handshake *h)
{
    struct span initial;
    if (!h->mechanism)
        offer(h);
    h->mechanism = auth_begin(h->auth, &initial, &h->why);
    if (!h->mechanism[0] && h->declined) {
        // The server's own words say more than that nothing is left.
        end_refused(h, &h->refusal);
    } else if (!h->mechanism[0]) {
        give_auth_up(h, TROUBLE_WEAK);
    } else if (!smtp_auth(h->smtp, h->mechanism, initial, h->form)) {
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

// Makes *o, a refusal, the trouble that it means for the session.
static void tell_refusal(struct handshake *h, struct outcome *o)
{
    const char *binding = auth_binding(h->auth), *complaint = auth_complaint(h->auth);
    buf_clear(&h->why);
    buf_printf(&h->why, "AUTH %s%s%s%s: %u %u.%u.%u %s", h->mechanism, *binding ? " (" : "",
               binding, *binding ? ")" : "", o->code, o->status[0], o->status[1], o->status[2],
               o->text);
    // What the server said against a token is worth more than the end of its sermon.
    size_t room = OUTCOME_TEXT_MAX - (*complaint ? strlen(complaint) + 3 : 0);
    if (h->why.n > room)
        buf_cut(&h->why, room);
    if (*complaint)
        buf_printf(&h->why, " (%s)", complaint);
    outcome_text(o, buf_span(&h->why));
    o->verdict = VERDICT_DEFERRED;
    o->scope = SCOPE_SESSION;
}

// Whether AUTH is to be said once more with its initial response in the other form: there are
// servers that want it along, and such that have no room for it there.
static bool change_form(struct handshake *h, const struct outcome *o)
{
    enum smtp_form form = smtp_auth_form(h->smtp);
    bool changeable = o->code == 500 || o->code == 501 || o->code == 504;
    if (!changeable || form == SMTP_FORM_FITTING || h->form != SMTP_FORM_FITTING) {
        h->form = SMTP_FORM_FITTING;
        return false;
    }
    h->form = form == SMTP_FORM_ALONG ? SMTP_FORM_APART : SMTP_FORM_ALONG;
    auth_again(h->auth);
    return true;
}

static void welcome(struct handshake *h, const struct outcome *o)
{
    struct outcome trouble;
    if (auth_content(h->auth, span_of(o->text))) {
        const char *binding = auth_binding(h->auth), *user = h->account->user;
        observer_passed(h->observer, "%s%s%s%s%s", h->mechanism, *user ? " as " : "", user,
                        *binding ? ", bound by " : "", binding);
    } else {
        trouble_set(&trouble, TROUBLE_AUTH,
                    "AUTH %s: the server said yes without proving who it is", h->mechanism);
        handshake_trouble(h, &trouble);
        smtp_fail(h->smtp, trouble.text);
    }
    handshake_end(h);
}

void handshake_on_auth(struct handshake *h, const struct outcome *o)
{
    struct outcome refusal = *o;
    if (o->verdict == VERDICT_DELIVERED) {
        welcome(h, o);
        return;
    }
    if (smtp_auth_garbled(h->smtp)) {
        buf_clear(&h->why);
        buf_printf(&h->why, "AUTH %s: the server's challenge is not base64", h->mechanism);
        give_auth_up(h, TROUBLE_AUTH);
        return;
    }
    if (!h->troubled && change_form(h, o))
        return; // SMTP_AUTH is wanted again
    tell_refusal(h, &refusal);
    if (!h->troubled && auth_mechanism_refused(o)) {
        h->declined = true;
        h->refusal = refusal;
        return; // likewise, and the next mechanism comes
    }
    end_refused(h, &refusal);
}
