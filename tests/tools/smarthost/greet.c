// SPDX-License-Identifier: ISC
#include "session.h"

static const char *const plain_keywords[] = {"PIPELINING", "8BITMIME", "CHUNKING",
                                             "SMTPUTF8",   "DSN",      "ENHANCEDSTATUSCODES"};

static struct span mechanisms(const struct session *s)
{
    const char *own = s->house->script->mechanisms;
    return span_of(own ? own : AUTH_MECHANISMS);
}

static bool auth_possible(const struct session *s)
{
    return s->house->n_users && house_offers(s->house, SPAN("AUTH")) &&
           (s->house->mode == HOUSE_PLAIN || s->wire.tls);
}

static bool mechanism_offered(const struct session *s, struct span name)
{
    struct span rest = mechanisms(s), word;
    while (span_word(&rest, &word))
        if (span_equal_nocase(word, name))
            return house_offers(s->house, word);
    return false;
}

static void offer_auth(struct session *s)
{
    struct span rest = mechanisms(s), word;
    buf_puts(&s->text, "250-AUTH");
    while (span_word(&rest, &word))
        if (house_offers(s->house, word))
            buf_printf(&s->text, " %.*s", SPAN_ARGS(word));
    buf_puts(&s->text, "\r\n");
}

static void say_verdict(struct session *s, enum auth_answer answer)
{
    static const struct {
        const char *word;
        struct span reply;
    } verdicts[] = {
        [AUTH_OK] = {"ok", {"235 2.7.0 welcome", 17}},
        [AUTH_REFUSED] = {"bad", {"535 5.7.8 wrong user or password", 32}},
        [AUTH_GARBAGE] = {"garbage", {"501 5.5.2 can not read that", 27}},
    };
    s->in_auth = false;
    s->authenticated = answer == AUTH_OK;
    s->house->logins += s->authenticated;
    log_line(s->number, "auth %s %s %s%s%s", auth_mechanism(&s->auth), buf_str(&s->auth.user),
             verdicts[answer].word, s->auth.kind ? " " : "", s->auth.kind ? s->auth.kind : "");
    auth_free(&s->auth);
    session_say(s, verdicts[answer].reply);
}

static void take_response(struct session *s, struct span octets)
{
    enum auth_answer answer = auth_step(&s->auth, octets);
    if (answer != AUTH_CONTINUE) {
        say_verdict(s, answer);
        return;
    }
    s->in_auth = true;
    buf_clear(&s->text);
    buf_puts(&s->text, "334 ");
    auth_base64(&s->text, buf_span(&s->auth.challenge));
    session_say(s, buf_span(&s->text));
}

// A response on the wire: base64, "=" standing for an empty one with the command (RFC 4954, 4).
static void take_encoded(struct session *s, struct span text)
{
    struct buf octets = BUF_INIT(AUTH_TEXT_MAX);
    if (span_equal(text, SPAN("=")))
        text.n = 0;
    if (auth_unbase64(&octets, text))
        take_response(s, (struct span){buf_str(&octets), octets.n});
    else
        say_verdict(s, AUTH_GARBAGE);
    buf_free(&octets);
}

void greet_connect(struct session *s)
{
    const char *greeting = s->house->script->greeting;
    if (wire_waiting(&s->wire, !s->wire.tls))
        log_line(s->number, "early talker");
    buf_clear(&s->text);
    buf_printf(&s->text, "220 %s", greeting ? greeting : "smarthost.example ESMTP");
    session_say(s, buf_span(&s->text));
}

void greet_ehlo(struct session *s)
{
    const struct house *h = s->house;
    mail_forget(s);
    buf_clear(&s->text);
    buf_puts(&s->text, "250-smarthost.example\r\n");
    for (size_t i = 0; i < sizeof plain_keywords / sizeof *plain_keywords; i++)
        if (house_offers(h, span_of(plain_keywords[i])))
            buf_printf(&s->text, "250-%s\r\n", plain_keywords[i]);
    if (house_offers(h, SPAN("SIZE")))
        buf_printf(&s->text, "250-SIZE %llu\r\n", (unsigned long long)h->size_limit);
    if (h->mode == HOUSE_STARTTLS && !s->wire.tls && house_offers(h, SPAN("STARTTLS")))
        buf_puts(&s->text, "250-STARTTLS\r\n");
    if (auth_possible(s))
        offer_auth(s);
    for (size_t i = 0; i < h->script->n_offers; i++)
        buf_printf(&s->text, "250-%s\r\n", h->script->offers[i]);
    buf_puts(&s->text, "250 HELP");
    session_say(s, buf_span(&s->text));
}

void greet_secure(struct session *s)
{
    buf_clear(&s->text);
    bool good = wire_secure(&s->wire, s->house->tls, &s->text);
    s->house->handshakes += good;
    log_line(s->number, "tls %s%s", good ? "" : "failed: ", buf_str(&s->text));
}

void greet_starttls(struct session *s)
{
    if (s->house->mode != HOUSE_STARTTLS || s->wire.tls) {
        session_say(s, SPAN("503 5.5.1 no TLS here"));
        return;
    }
    session_say(s, SPAN("220 2.0.0 go ahead"));
    mail_forget(s);
    s->authenticated = false;
    greet_secure(s);
}

void greet_auth(struct session *s, struct span line)
{
    struct span verb, name, initial;
    span_word(&line, &verb);
    span_word(&line, &name);
    if (!auth_possible(s) || s->authenticated || s->mail) {
        log_line(s->number, "auth %.*s out of place", SPAN_ARGS(name));
        session_say(s, SPAN("503 5.5.1 not now"));
        return;
    }
    if (!mechanism_offered(s, name) || !auth_begin(&s->auth, s->house, s->wire.tls, name)) {
        log_line(s->number, "auth %.*s not offered", SPAN_ARGS(name));
        session_say(s, SPAN("504 5.5.4 no such mechanism"));
        return;
    }
    if (span_word(&line, &initial))
        take_encoded(s, initial);
    else
        take_response(s, (struct span){0});
}

void greet_response(struct session *s, struct span line)
{
    if (span_equal(line, SPAN("*")))
        say_verdict(s, AUTH_GARBAGE);
    else
        take_encoded(s, line);
}
