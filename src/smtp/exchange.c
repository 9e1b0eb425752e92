// SPDX-License-Identifier: ISC
// The AUTH exchange (RFC 4954). Which mechanism, and what it says, is the caller's; base64, the
// place of the initial response and the lengths of lines are ours. Nothing of it is formatted
// unless the line bears TLS or the options allow plaintext.
#define _GNU_SOURCE
#include "smtp/exchange.h"

#include <string.h>

#include "smtp/base64.h"
#include "smtp/engine.h"

// Makes all the room that a line with these octets may need beforehand, so that no secret is
// left behind in memory that a growing buffer gave back, and holds the base64. False where it
// is too long.
static bool hold(struct smtp *s, struct span octets)
{
    if (octets.n >= SMTP_AUTH_LINE_MAX || base64_length(octets.n) > SMTP_AUTH_LINE_MAX - 2)
        return false;
    size_t n = base64_length(octets.n);
    if (!buf_room(&s->held, n + 1) || !buf_room(&s->out, n + SMTP_COMMAND_MAX))
        return false;
    base64_encode(&s->held, octets);
    return true;
}

static void wipe(struct buf *b)
{
    if (b->p)
        explicit_bzero(b->p, b->size);
    buf_clear(b);
}

// Sends what is held, behind "AUTH MECHANISM " or as a line of its own.
static void send_held(struct smtp *s, const char *words)
{
    s->secret = true;
    buf_puts(&s->out, words);
    if (*words)
        buf_putc(&s->out, ' ');
    buf_put_span(&s->out, buf_span(&s->held));
    buf_put(&s->out, "\r\n", 2);
    engine_trace_octets(s, '>', words, s->held.n);
    engine_await(s, SMTP_STEP_AUTH, NULL, 0);
    wipe(&s->held);
    s->login = SMTP_LOGIN_SENT;
}

static bool is_turn(const struct smtp *s, enum smtp_login login)
{
    return s->login == login && !s->closed && !s->quitting && !s->stray && !s->has_event;
}

bool exchange_wants_auth(const struct smtp *s)
{
    return is_turn(s, SMTP_LOGIN_CHOOSE) || is_turn(s, SMTP_LOGIN_CHALLENGED);
}

// Whether the initial response goes along with AUTH.
static bool goes_along(const char *words, size_t n, enum smtp_form form)
{
    size_t most = form == SMTP_FORM_ALONG ? SMTP_AUTH_LINE_SAFE : SMTP_COMMAND_MAX;
    return form != SMTP_FORM_APART && strlen(words) + 1 + (n ? n : 1) + 2 <= most;
}

bool smtp_auth(struct smtp *s, const char *mechanism, struct span initial, enum smtp_form form)
{
    struct span name = span_of(mechanism);
    if (!is_turn(s, SMTP_LOGIN_CHOOSE) || !ehlo_is_mechanism(name))
        return false;
    if ((!s->tls_up && !s->options.plaintext_auth) || !hold(s, initial))
        return false;

    char words[EHLO_MECHANISM_MAX + 6] = "AUTH ";
    memcpy(words + 5, mechanism, name.n + 1);
    s->form = SMTP_FORM_FITTING;
    s->garbled = false;
    if (initial.p && goes_along(words, s->held.n, form)) {
        if (initial.n == 0)
            buf_putc(&s->held, '='); // an empty one has to be told from none
        s->form = SMTP_FORM_ALONG;
        send_held(s, words);
        return true;
    }
    size_t start = s->out.n;
    buf_printf(&s->out, "%s\r\n", words);
    engine_command(s, start, SMTP_STEP_AUTH, NULL, 0);
    s->login = SMTP_LOGIN_SENT;
    if (initial.p) {
        s->form = SMTP_FORM_APART;
        s->login = SMTP_LOGIN_HELD;
    }
    return true;
}

enum smtp_form smtp_auth_form(const struct smtp *s)
{
    return s->form;
}

bool smtp_auth_garbled(const struct smtp *s)
{
    return s->garbled;
}

struct span smtp_challenge(const struct smtp *s)
{
    if (s->login != SMTP_LOGIN_CHALLENGED)
        return (struct span){NULL, 0};
    return (struct span){buf_str(&s->challenge), s->challenge.n};
}

bool smtp_auth_response(struct smtp *s, struct span response)
{
    if (!is_turn(s, SMTP_LOGIN_CHALLENGED) || !hold(s, response))
        return false;
    send_held(s, "");
    return true;
}

void smtp_auth_cancel(struct smtp *s)
{
    if (!is_turn(s, SMTP_LOGIN_CHALLENGED))
        return;
    size_t start = s->out.n;
    buf_puts(&s->out, "*\r\n");
    engine_command(s, start, SMTP_STEP_AUTH, NULL, 0);
    s->login = SMTP_LOGIN_CANCELLED;
}

static void take_challenge(struct smtp *s)
{
    s->form = SMTP_FORM_FITTING; // which way the response went was no matter
    if (s->login == SMTP_LOGIN_HELD) {
        send_held(s, "");
        return;
    }
    buf_clear(&s->challenge);
    s->login = SMTP_LOGIN_CHALLENGED;
    s->garbled = !base64_decode(&s->challenge, span_trim(buf_span(&s->reply.text)));
    if (s->garbled)
        smtp_auth_cancel(s);
}

void exchange_auth(struct smtp *s, const struct smtp_awaited *a)
{
    (void)a;
    uint16_t code = s->reply.code;
    if (code == 334 && s->login != SMTP_LOGIN_CANCELLED) {
        take_challenge(s);
        return;
    }
    bool good = code == 235 && s->login == SMTP_LOGIN_SENT;
    if (code < 400 && !good) {
        engine_trouble(s, 5, 0, "unexpected reply to AUTH: %u", code);
        return;
    }
    wipe(&s->held);
    struct outcome o = {.verdict = good ? VERDICT_DELIVERED : VERDICT_DEFERRED,
                        .scope = SCOPE_SESSION};
    reply_outcome(&s->reply, &o);
    s->ready = good;
    s->login = good ? SMTP_LOGIN_NONE : SMTP_LOGIN_CHOOSE;
    engine_event(s, SMTP_ON_AUTH, 0, 0, &o);
}
