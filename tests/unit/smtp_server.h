// SPDX-License-Identifier: ISC
// A smarthost made of arrays, and a loop that lets the engine talk to it without a socket or a
// clock. It behaves like a strict server unless rules tell it otherwise, keeps the messages it
// accepted, and everything that came out of the engine becomes lines of text in `log`:
// commands as they came, and the engine's events. One round of the loop is one round trip.
#ifndef TESTS_UNIT_SMTP_SERVER_H
#define TESTS_UNIT_SMTP_SERVER_H

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/smtp.h"

enum { MESSAGES_MAX = 64, NAMED_MAX = 8 };

// What is answered to a command that begins with `prefix`: lines without their last CRLF, or
// one of these.
#define SILENCE "(silence)"
#define HANGUP  "(hangup)"
struct rule {
    const char *prefix;
    unsigned nth; // only this one of the commands with the prefix; 0 is all of them
    const char *reply;
    bool then_hangup;
};

struct server {
    const char *capabilities; // the lines behind the first of the reply to EHLO, or NULL
    const char *greeting;
    const struct rule *rules; // ended by a NULL prefix
    unsigned seen[1024];      // commands that met each rule
    struct buf in, out;
    bool tls, auth_line, in_data, mail, hung, hung_up;
    size_t chunk_left;
    bool chunk_last, chunk_refused;
    unsigned rcpts;
    bool named[NAMED_MAX]; // of the recipients r0@x, r1@x ... those that it accepted
    struct buf message;
};

// The loop, and what it has to tell.
struct talk {
    struct smtp s;
    struct smtp_options options;
    struct server server;
    struct smtp_message *messages;
    size_t n_messages;
    const char *(*content)(uint32_t tag); // "" ends the file early
    size_t begun, body_at;
    struct smtp_message *current;             // the one begun last
    struct smtp_message *again[MESSAGES_MAX]; // those that are to be given again
    size_t n_again;
    size_t returning; // messages, a recipient of which is going to be named again
    // Of each message's first recipients, by tag: what was said of them last, whether that
    // holds, whether they are to be named again, and how often the server has the message for
    // them.
    struct outcome said[MESSAGES_MAX][NAMED_MAX];
    bool told[MESSAGES_MAX][NAMED_MAX];
    bool returned[MESSAGES_MAX][NAMED_MAX];
    unsigned got[MESSAGES_MAX][NAMED_MAX];
    unsigned without[MESSAGES_MAX];
    size_t feed_size, sent_size; // pieces in which octets are passed on; 0 is all at once
    struct buf log;
    unsigned rounds;
    unsigned accepted[MESSAGES_MAX];      // by the server, by tag
    unsigned ended[MESSAGES_MAX];         // SMTP_ON_MESSAGE, by tag
    struct outcome outcome[MESSAGES_MAX]; // that of them
    bool session_ended;
    bool no_quit;
    bool commands; // are logged, too
};

// ---- The server

static const char *content_plain(uint32_t tag)
{
    static char text[128];
    snprintf(text, sizeof text, "Subject: %u\n\n.\n..dots\nend %u\n", tag, tag);
    return text;
}

static void server_reply(struct server *v, const char *text)
{
    if (strcmp(text, HANGUP) == 0) {
        v->hung_up = true;
    } else if (strcmp(text, SILENCE) == 0) {
        v->hung = true;
    } else {
        buf_puts(&v->out, text);
        buf_puts(&v->out, "\r\n");
    }
}

static const char *server_rule(struct server *v, const char *line, bool *then_hangup)
{
    const struct rule *met = NULL;
    for (size_t i = 0; v->rules && v->rules[i].prefix; i++) {
        const struct rule *r = &v->rules[i];
        if (strncmp(line, r->prefix, strlen(r->prefix)) != 0)
            continue;
        v->seen[i]++;
        if (!met && (r->nth == 0 || r->nth == v->seen[i]))
            met = r;
    }
    if (!met)
        return NULL;
    *then_hangup = met->then_hangup;
    return met->reply;
}

static bool begins(const char *line, const char *verb)
{
    return strncmp(line, verb, strlen(verb)) == 0;
}

// What a strict server would say; *good says whether the command is to take effect.
static const char *server_default(struct server *v, const char *line)
{
    static char text[1024];
    if (v->auth_line)
        return "235 2.7.0 welcome";
    if (begins(line, "EHLO ")) {
        if (!v->capabilities)
            return "500 5.5.1 what?";
        snprintf(text, sizeof text, *v->capabilities ? "250-here\r\n%s" : "250 here%s",
                 v->capabilities);
        return text;
    }
    if (begins(line, "HELO "))
        return "250 here";
    if (begins(line, "STARTTLS"))
        return "220 2.0.0 go";
    if (begins(line, "AUTH "))
        return strchr(line + 5, ' ') ? "235 2.7.0 welcome" : "334 ";
    if (begins(line, "RSET"))
        return "250 2.0.0 reset";
    if (begins(line, "MAIL "))
        return v->mail ? "503 5.5.1 nested" : "250 2.1.0 ok";
    if (begins(line, "RCPT "))
        return v->mail ? "250 2.1.5 ok" : "503 5.5.1 MAIL first";
    if (begins(line, "DATA"))
        return v->rcpts ? "354 go ahead" : "503 5.5.1 RCPT first";
    if (begins(line, "BDAT "))
        return v->rcpts ? "250 2.0.0 taken" : "503 5.5.1 RCPT first";
    if (begins(line, "QUIT"))
        return "221 2.0.0 bye";
    return "500 5.5.2 what?";
}

// No transaction is under way.
static void server_forget(struct server *v)
{
    v->mail = false;
    v->rcpts = 0;
    memset(v->named, 0, sizeof v->named);
    buf_clear(&v->message);
}

static void server_effect(struct server *v, const char *line, char class)
{
    v->auth_line = class == '3' && (begins(line, "AUTH ") || v->auth_line);
    if (begins(line, "RSET") || (begins(line, "EHLO") && class == '2'))
        server_forget(v);
    if (begins(line, "MAIL ") && class == '2')
        server_forget(v), v->mail = true;
    if (begins(line, "RCPT ") && class == '2' && v->mail) {
        v->rcpts++;
        if (begins(line, "RCPT TO:<r")) {
            unsigned long r = strtoul(line + 10, NULL, 10);
            if (r < NAMED_MAX)
                v->named[r] = true;
        }
    }
    if (begins(line, "DATA") && class == '3')
        v->in_data = true;
    if (begins(line, "QUIT") && class == '2')
        v->hung_up = true;
}

static void talk_accept(struct talk *t)
{
    struct server *v = &t->server;
    const char *end = v->message.n ? strstr(buf_str(&v->message), "\r\nend ") : NULL;
    if (end && v->rcpts > 0) {
        struct buf expected = BUF_INIT(1 << 24);
        uint32_t tag = (uint32_t)strtoul(end + 6, NULL, 10);
        for (const char *p = t->content(tag); *p; p++) {
            if (*p == '\n')
                buf_putc(&expected, '\r');
            buf_putc(&expected, *p);
        }
        bool whole = span_equal(buf_span(&expected), buf_span(&v->message));
        if (tag < MESSAGES_MAX && whole)
            t->accepted[tag]++;
        for (size_t r = 0; tag < MESSAGES_MAX && whole && r < NAMED_MAX; r++)
            t->got[tag][r] += v->named[r];
        if (tag >= MESSAGES_MAX || !whole)
            buf_puts(&t->log, "! not the message that was sent\n");
        buf_free(&expected);
    } else if (v->message.n) {
        buf_puts(&t->log, "! part of a message, or nobody to take it\n");
    }
    server_forget(v);
}

// The end of a message came: `verb` is "." or "BDAT".
static void server_end(struct talk *t)
{
    struct server *v = &t->server;
    bool then_hangup = false;
    const char *reply = server_rule(v, ".", &then_hangup);
    if (!reply)
        reply = v->rcpts ? "250 2.0.0 taken" : "554 5.5.1 no valid recipients";
    if (reply[0] == '2' || strcmp(reply, HANGUP) == 0 || strcmp(reply, SILENCE) == 0)
        talk_accept(t);
    server_forget(v);
    server_reply(v, reply);
    v->hung_up |= then_hangup;
}

static void server_message_line(struct talk *t, struct span line)
{
    struct server *v = &t->server;
    if (span_equal(line, SPAN(".\r\n"))) {
        v->in_data = false;
        if (t->commands)
            buf_puts(&t->log, "> .\n");
        server_end(t);
        return;
    }
    if (line.p[0] == '.')
        line.p++, line.n--;
    buf_put_span(&v->message, line);
}

static void server_bdat(struct talk *t, const char *line)
{
    struct server *v = &t->server;
    v->chunk_left = (size_t)strtoull(line + 5, NULL, 10);
    v->chunk_last = strstr(line, " LAST") != NULL;
}

static void server_bdat_done(struct talk *t)
{
    struct server *v = &t->server;
    bool then_hangup = false;
    const char *reply = server_rule(v, "BDAT", &then_hangup);
    bool refused = v->rcpts == 0;
    if (!reply && refused)
        reply = "503 5.5.1 RCPT first";
    if (v->chunk_last && (!reply || reply[0] == '2')) {
        v->chunk_last = false;
        server_end(t);
        return;
    }
    v->chunk_last = false;
    if (refused || (reply && reply[0] != '2'))
        v->rcpts = 0, memset(v->named, 0, sizeof v->named), buf_clear(&v->message);
    server_reply(v, reply ? reply : "250 2.0.0 taken");
    v->hung_up |= then_hangup;
}

static void server_command(struct talk *t, struct span command)
{
    struct server *v = &t->server;
    char line[16384];
    bool then_hangup = false;
    size_t n = command.n - 2 < sizeof line - 1 ? command.n - 2 : sizeof line - 1;
    memcpy(line, command.p, n);
    line[n] = '\0';
    if (t->commands)
        buf_printf(&t->log, "> %s\n", line);
    if (command.n < 2 || command.p[command.n - 2] != '\r')
        buf_puts(&t->log, "! a line without CR\n");
    for (size_t i = 0; i < n; i++)
        if (text_is_control(line[i]))
            buf_puts(&t->log, "! a control character\n");
    if (begins(line, "BDAT ")) {
        server_bdat(t, line);
        if (v->chunk_left == 0)
            server_bdat_done(t);
        return;
    }
    const char *reply = server_rule(v, line, &then_hangup);
    if (!reply)
        reply = server_default(v, line);
    server_effect(v, line, reply[0]);
    server_reply(v, reply);
    v->hung_up |= then_hangup;
}

static void server_work(struct talk *t)
{
    struct server *v = &t->server;
    while (!v->hung && !v->hung_up && v->in.n > 0) {
        if (v->chunk_left > 0) {
            size_t n = v->in.n < v->chunk_left ? v->in.n : v->chunk_left;
            buf_put(&v->message, v->in.p, n);
            buf_drop(&v->in, n);
            v->chunk_left -= n;
            if (v->chunk_left == 0)
                server_bdat_done(t);
            continue;
        }
        const char *lf = memchr(v->in.p, '\n', v->in.n);
        if (!lf)
            return;
        size_t n = (size_t)(lf - v->in.p) + 1;
        char *copy = malloc(n);
        memcpy(copy, v->in.p, n);
        buf_drop(&v->in, n);
        if (v->in_data)
            server_message_line(t, (struct span){copy, n});
        else
            server_command(t, (struct span){copy, n});
        free(copy);
    }
}

// ---- The loop

static size_t talk_recipients(const struct smtp_message *m)
{
    size_t n = envelope_count(m->envelope);
    return n < NAMED_MAX ? n : NAMED_MAX;
}

static void talk_recipient(struct talk *t, const struct smtp_event *e)
{
    if (e->recipient >= NAMED_MAX)
        return;
    t->said[e->tag][e->recipient] = e->outcome;
    if (!e->again) {
        t->told[e->tag][e->recipient] = true;
        return;
    }
    t->returned[e->tag][e->recipient] = true;
    t->without[e->tag] = e->without;
    t->returning++;
}

// Whether the message is to be given again, to those of whom nothing holds yet.
static void talk_message(struct talk *t, const struct smtp_event *e)
{
    struct smtp_message *m = t->messages;
    bool again = e->again;
    while (m->tag != e->tag)
        m++;
    t->ended[e->tag]++;
    t->outcome[e->tag] = e->outcome;
    m->without = e->again ? e->without : 0;
    for (size_t r = 0; r < talk_recipients(m); r++) {
        struct recipient *recipient = envelope_recipient(m->envelope, r);
        if (t->returned[e->tag][r]) {
            again = true;
            m->without |= t->without[e->tag];
            t->returned[e->tag][r] = false;
            t->returning--;
        } else if (!t->told[e->tag][r] && recipient->status == RECIPIENT_WAITING) {
            t->said[e->tag][r] = e->outcome;
            t->told[e->tag][r] = !e->again;
        }
    }
    for (size_t r = 0; again && r < talk_recipients(m); r++)
        if (t->told[e->tag][r])
            envelope_recipient(m->envelope, r)->status = RECIPIENT_REPORTED;
    if (again)
        t->again[t->n_again++] = m;
}

static void talk_event(struct talk *t, const struct smtp_event *e)
{
    static const char *const kinds[] = {"auth", "recipient", "message", "session"};
    static const char *const verdicts[] = {"delivered", "deferred", "failed"};
    static const char *const scopes[] = {"recipient", "message", "session"};
    const struct outcome *o = &e->outcome;
    buf_printf(&t->log, "%s", kinds[e->kind]);
    if (e->kind == SMTP_ON_RECIPIENT || e->kind == SMTP_ON_MESSAGE)
        buf_printf(&t->log, " %u", e->tag);
    if (e->kind == SMTP_ON_RECIPIENT)
        buf_printf(&t->log, " %zu", e->recipient);
    buf_printf(&t->log, ": %s %s %u %u.%u.%u%s %s%s\n", verdicts[o->verdict], scopes[o->scope],
               o->code, o->status[0], o->status[1], o->status[2], o->doubt ? " doubt" : "",
               o->text, e->again ? " again" : "");
    if (e->kind == SMTP_ON_RECIPIENT && e->tag < MESSAGES_MAX)
        talk_recipient(t, e);
    if (e->kind == SMTP_ON_MESSAGE && e->tag < MESSAGES_MAX)
        talk_message(t, e);
    t->session_ended |= e->kind == SMTP_ON_SESSION;
}

// The next piece of the message, or its end.
static void talk_body(struct talk *t)
{
    const char *text = t->content(t->current->tag) + t->body_at;
    size_t n = strlen(text);
    if (t->body_at == 0 && n == 0) {
        smtp_body_abort(&t->s, "file ends early");
    } else if (n == 0) {
        t->body_at = 0;
        smtp_body_end(&t->s);
    } else {
        size_t piece = n < SMTP_BODY_MAX ? n : SMTP_BODY_MAX;
        t->body_at += piece;
        smtp_body(&t->s, text, piece);
    }
}

static void talk_auth(struct talk *t)
{
    struct span challenge = smtp_challenge(&t->s);
    if (challenge.p) {
        buf_printf(&t->log, "challenge: %.*s\n", SPAN_ARGS(challenge));
        if (!smtp_auth_response(&t->s, SPAN("response")))
            buf_puts(&t->log, "! response was not taken\n");
    } else if (!smtp_auth(&t->s, "PLAIN", SPAN("\0user\0secret"), SMTP_FORM_FITTING)) {
        smtp_fail(&t->s, "AUTH was not taken");
    }
}

// Does one thing that is wanted but INPUT; false when there is none.
static bool talk_step(struct talk *t)
{
    struct smtp_event event;
    unsigned wants = smtp_wants(&t->s);
    if (wants & SMTP_EVENT) {
        while (smtp_next(&t->s, &event)) {
            talk_event(t, &event);
            if (event.kind == SMTP_ON_AUTH && event.outcome.verdict != VERDICT_DELIVERED)
                smtp_quit(&t->s);
        }
    } else if (wants & SMTP_CLOSED) {
        return false;
    } else if (wants & SMTP_OUTPUT) {
        struct span out = smtp_output(&t->s);
        size_t n = t->sent_size && t->sent_size < out.n ? t->sent_size : out.n;
        buf_put(&t->server.in, out.p, n);
        smtp_sent(&t->s, n);
    } else if (wants & SMTP_TLS) {
        t->server.tls = true;
        smtp_tls_up(&t->s);
    } else if (wants & SMTP_AUTH) {
        talk_auth(t);
    } else if (wants & SMTP_BODY) {
        talk_body(t);
    } else if (wants & SMTP_MAIL && (t->n_again || t->begun < t->n_messages)) {
        t->body_at = 0;
        if (t->n_again) {
            t->current = t->again[0];
            t->ended[t->current->tag] = 0;
            memmove(t->again, t->again + 1, --t->n_again * sizeof *t->again);
        } else {
            t->current = &t->messages[t->begun++];
        }
        smtp_mail(&t->s, t->current);
    } else if (t->begun == t->n_messages && (wants & SMTP_MAIL || t->begun) && !t->no_quit &&
               !t->n_again && !t->returning && !smtp_may_return(&t->s)) {
        t->no_quit = true;
        smtp_quit(&t->s);
    } else {
        return false;
    }
    return true;
}

static void talk_feed(struct talk *t)
{
    struct buf *out = &t->server.out;
    while (out->n > 0 && !(smtp_wants(&t->s) & SMTP_CLOSED)) {
        size_t n = t->feed_size && t->feed_size < out->n ? t->feed_size : out->n;
        size_t taken = smtp_feed(&t->s, out->p, n);
        buf_drop(out, taken);
        if (taken < n || t->feed_size)
            while (talk_step(t))
                ;
    }
    buf_clear(out);
}

static void talk_init(struct talk *t, const char *capabilities, const struct rule *rules)
{
    *t = (struct talk){.content = content_plain, .log = BUF_INIT(1 << 24), .commands = true};
    smtp_options_init(&t->options);
    t->options.helo = "client.example";
    t->server = (struct server){.capabilities = capabilities,
                                .greeting = "220 here",
                                .rules = rules,
                                .in = BUF_INIT(1 << 26),
                                .out = BUF_INIT(1 << 24),
                                .message = BUF_INIT(1 << 26)};
}

// Talks until the session is closed; the log has all that there is to tell.
static const char *talk_run(struct talk *t)
{
    smtp_init(&t->s, &t->options);
    server_reply(&t->server, t->server.greeting);
    while (t->rounds++ < 10000) {
        while (talk_step(t))
            ;
        if (smtp_wants(&t->s) & SMTP_CLOSED)
            break;
        server_work(t);
        if (t->server.out.n == 0) {
            if (t->server.hung_up)
                smtp_eof(&t->s, "");
            else if (smtp_deadline(&t->s) > 0)
                smtp_expired(&t->s);
            else
                break; // stands still
        }
        talk_feed(t);
    }
    while (talk_step(t))
        ;
    if (!(smtp_wants(&t->s) & SMTP_CLOSED))
        buf_puts(&t->log, "! not closed\n");
    return buf_str(&t->log);
}

static void talk_free(struct talk *t)
{
    smtp_free(&t->s);
    buf_free(&t->server.in);
    buf_free(&t->server.out);
    buf_free(&t->server.message);
    buf_free(&t->log);
}

// ---- What is sent

// `n` messages to `rcpts` recipients each: a1@b ... to r0@x, r1@x ...
struct mails {
    struct envelope envelopes[MESSAGES_MAX];
    struct smtp_message messages[MESSAGES_MAX];
    size_t n;
};

static void mails_init_with(struct mails *m, size_t n, size_t rcpts, const char *options,
                            const char *rcpt_options)
{
    m->n = n;
    for (size_t i = 0; i < n; i++) {
        char address[32];
        envelope_init(&m->envelopes[i]);
        snprintf(address, sizeof address, "a%zu@b", i + 1);
        assert_true(envelope_set_sender(&m->envelopes[i], span_of(address)));
        assert_true(envelope_set_options(&m->envelopes[i], span_of(options)));
        for (size_t r = 0; r < rcpts; r++) {
            snprintf(address, sizeof address, "r%zu@x", r);
            assert_true(
                envelope_add(&m->envelopes[i], span_of(address), span_of(rcpt_options)));
        }
        m->messages[i] = (struct smtp_message){.tag = (uint32_t)i + 1,
                                               .envelope = &m->envelopes[i],
                                               .count = SIZE_MAX,
                                               .size = strlen(content_plain(1)) + 5};
    }
}

static inline void mails_init(struct mails *m, size_t n, size_t rcpts)
{
    mails_init_with(m, n, rcpts, "", "");
}

static void mails_free(struct mails *m)
{
    for (size_t i = 0; i < m->n; i++)
        envelope_free(&m->envelopes[i]);
}

static void talk_mails(struct talk *t, struct mails *m)
{
    t->options.tls = SMTP_TLS_NONE;
    t->messages = m->messages;
    t->n_messages = m->n;
}

#endif
