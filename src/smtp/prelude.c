// SPDX-License-Identifier: ISC
// From the greeting to the point where mail may go out, or a mechanism for AUTH is wanted. One
// command at a time: what the server can do is not known yet.
#include "smtp/prelude.h"

#include "smtp/command.h"
#include "smtp/engine.h"

static void send_name(struct smtp *s, enum smtp_step step)
{
    size_t start = s->out.n;
    if (!*s->options.helo ||
        command_word(&s->out, smtp_step_name(step), s->options.helo) != COMMAND_MADE) {
        engine_trouble(s, 5, 2, "helo: the name is not one word");
        return;
    }
    engine_command(s, start, step, NULL, 0);
}

void prelude_greeting(struct smtp *s, const struct smtp_awaited *a)
{
    (void)a;
    if (s->reply.code == 220)
        send_name(s, SMTP_STEP_EHLO);
    else
        engine_refused(s);
}

// The server's abilities are known, as they are under TLS where TLS is wanted.
static void choose(struct smtp *s)
{
    if (s->options.tls == SMTP_TLS_STARTTLS && !s->tls_up) {
        if (ehlo_has(&s->ehlo, EHLO_STARTTLS))
            engine_verb(s, SMTP_STEP_STARTTLS);
        else
            engine_trouble(s, 7, 4, "the smarthost does not offer STARTTLS");
    } else if (!s->options.auth) {
        s->ready = true;
    } else if (!s->tls_up && !s->options.plaintext_auth) {
        engine_trouble(s, 7, 11, "AUTH is configured, and the connection is not encrypted");
    } else if (!ehlo_has(&s->ehlo, EHLO_AUTH)) {
        engine_trouble(s, 7, 4, "AUTH is configured, and the smarthost does not offer it");
    } else {
        s->login = SMTP_LOGIN_CHOOSE;
    }
}

void prelude_ehlo(struct smtp *s, const struct smtp_awaited *a)
{
    (void)a;
    bool helo_will_do = !s->options.auth && (s->options.tls != SMTP_TLS_STARTTLS || s->tls_up);
    if (s->reply.code == 250) {
        ehlo_parse(&s->ehlo, buf_span(&s->reply.text));
        choose(s);
    } else if (s->reply.code >= 500 && helo_will_do) {
        send_name(s, SMTP_STEP_HELO);
    } else {
        engine_refused(s);
    }
}

void prelude_helo(struct smtp *s, const struct smtp_awaited *a)
{
    (void)a;
    if (s->reply.code == 250)
        s->ready = true;
    else
        engine_refused(s);
}

void prelude_starttls(struct smtp *s, const struct smtp_awaited *a)
{
    (void)a;
    if (s->reply.code != 220) {
        engine_refused(s);
        return;
    }
    // Whatever was said in the clear may have been said by anybody (RFC 3207, 4.2).
    s->ehlo = (struct ehlo){0};
    s->tls_wanted = true;
    s->progress++;
}

void smtp_tls_up(struct smtp *s)
{
    if (!s->tls_wanted)
        return;
    s->tls_wanted = false;
    s->tls_up = true;
    if (s->options.tls == SMTP_TLS_IMPLICIT)
        engine_await(s, SMTP_STEP_GREETING, NULL, 0);
    else
        send_name(s, SMTP_STEP_EHLO);
}
