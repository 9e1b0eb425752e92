// SPDX-License-Identifier: ISC
#include "sendmail/server.h"

#include <inttypes.h>
#include <string.h>

// Replies wait here while commands wait to be read; the caller empties it long before.
enum { OUT_MAX = 1 << 20 };

static void put_reply(struct server *s, const char *text)
{
    buf_puts(&s->out, text);
    buf_puts(&s->out, "\r\n");
}

static enum server_next grant(struct server *s, const char *text)
{
    s->errors = 0;
    put_reply(s, text);
    return SERVER_COMMAND;
}

// Whoever sends us anything but SMTP (a message, a program's output) is not listened to for
// ever.
static enum server_next refuse(struct server *s, const char *text)
{
    put_reply(s, text);
    if (++s->errors < SERVER_ERRORS_MAX)
        return SERVER_COMMAND;
    put_reply(s, "421 4.7.0 too many errors, good bye");
    s->gave_up = true;
    return SERVER_CLOSE;
}

static void reset(struct server *s)
{
    envelope_free(&s->envelope);
    envelope_init(&s->envelope);
    s->in_mail = s->in_chunks = s->turned_away = false;
}

void server_init(struct server *s, uint64_t max_size, uint64_t max_recipients)
{
    *s = (struct server){
        .max_size = max_size,
        .max_recipients = max_recipients,
        .out = BUF_INIT(OUT_MAX),
    };
    envelope_init(&s->envelope);
    request_path_init(&s->path);
    put_reply(s, "220 localhost ESMTP sendoff");
}

void server_free(struct server *s)
{
    envelope_free(&s->envelope);
    request_path_free(&s->path);
    buf_free(&s->out);
}

// ---- Commands

static enum server_next take_ehlo(struct server *s, struct span argument)
{
    (void)argument;
    reset(s);
    put_reply(s, "250-localhost");
    put_reply(s, "250-PIPELINING");
    put_reply(s, "250-8BITMIME");
    put_reply(s, "250-SMTPUTF8");
    put_reply(s, "250-DSN");
    put_reply(s, "250-CHUNKING");
    buf_printf(&s->out, "250-SIZE %" PRIu64 "\r\n", s->max_size);
    return grant(s, "250 ENHANCEDSTATUSCODES");
}

static enum server_next take_helo(struct server *s, struct span argument)
{
    (void)argument;
    reset(s);
    return grant(s, "250 localhost");
}

// Nobody needs to say HELO first: sendmail never asked for it.
static enum server_next take_mail(struct server *s, struct span argument)
{
    if (s->in_mail)
        return refuse(s, "503 5.5.1 there is a sender already");
    const char *bad = request_path_parse(&s->path, REQUEST_MAIL, argument);
    if (bad)
        return refuse(s, bad);
    if (s->max_size && s->path.size > s->max_size)
        return grant(s, "552 5.3.4 the message is too large");
    if (!envelope_set_sender(&s->envelope, buf_span(&s->path.mailbox)) ||
        !envelope_set_options(&s->envelope, buf_span(&s->path.options)))
        return refuse(s, "501 5.5.4 too long");
    s->in_mail = true;
    return grant(s, "250 2.1.0 Ok");
}

static enum server_next turn_away(struct server *s, const char *text)
{
    s->turned_away = true;
    return refuse(s, text);
}

static enum server_next take_rcpt(struct server *s, struct span argument)
{
    size_t count = envelope_count(&s->envelope);
    if (!s->in_mail || s->in_chunks)
        return refuse(s, "503 5.5.1 MAIL comes first");
    const char *bad = request_path_parse(&s->path, REQUEST_RCPT, argument);
    if (bad)
        return turn_away(s, bad);
    // The client may send to those it has named, and then to the others.
    if (count == ENVELOPE_RECIPIENTS_MAX || (s->max_recipients && count >= s->max_recipients)) {
        s->turned_away = true;
        return grant(s, "452 4.5.3 too many recipients");
    }
    if (!envelope_add(&s->envelope, buf_span(&s->path.mailbox), buf_span(&s->path.options)))
        return turn_away(s, "553 5.1.3 too long");
    return grant(s, "250 2.1.5 Ok");
}

// Why no text of a message can come now, or NULL.
static const char *no_message(const struct server *s)
{
    if (!s->in_mail)
        return "503 5.5.1 MAIL comes first";
    if (envelope_count(&s->envelope))
        return NULL;
    return s->turned_away ? "554 5.5.1 no valid recipients" : "503 5.5.1 RCPT comes first";
}

static enum server_next take_data(struct server *s, struct span argument)
{
    (void)argument;
    const char *bad = s->in_chunks ? "503 5.5.1 BDAT was begun" : no_message(s);
    if (bad)
        return refuse(s, bad);
    s->errors = 0;
    return SERVER_TEXT;
}

static enum server_next take_bdat(struct server *s, struct span argument)
{
    const char *bad = request_chunk(argument, &s->chunk, &s->last);
    if (bad) {
        // How much text follows is not known, and it must not be taken for commands.
        put_reply(s, "421 4.5.4 it is BDAT octets, or BDAT octets LAST: good bye");
        s->gave_up = true;
        return SERVER_CLOSE;
    }
    bad = no_message(s);
    if (bad)
        return refuse(s, bad) == SERVER_CLOSE ? SERVER_CLOSE : SERVER_SKIP;
    s->errors = 0;
    s->in_chunks = true;
    return SERVER_CHUNK;
}

static enum server_next take_rset(struct server *s, struct span argument)
{
    (void)argument;
    reset(s);
    return grant(s, "250 2.0.0 Ok");
}

static enum server_next take_noop(struct server *s, struct span argument)
{
    (void)argument;
    return grant(s, "250 2.0.0 Ok");
}

static enum server_next take_vrfy(struct server *s, struct span argument)
{
    (void)argument;
    return grant(s, "252 2.0.0 not looked at; try and send to it");
}

static enum server_next take_help(struct server *s, struct span argument)
{
    (void)argument;
    return grant(s, "214 2.0.0 EHLO HELO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT");
}

static enum server_next take_quit(struct server *s, struct span argument)
{
    (void)argument;
    reset(s);
    put_reply(s, "221 2.0.0 good bye");
    return SERVER_CLOSE;
}

static enum server_next take_nothing(struct server *s, struct span argument)
{
    (void)argument;
    return refuse(s, "502 5.5.1 there is no such thing here");
}

static enum server_next (*const takers[])(struct server *s, struct span argument) = {
    [REQUEST_EHLO] = take_ehlo,    [REQUEST_HELO] = take_helo,
    [REQUEST_MAIL] = take_mail,    [REQUEST_RCPT] = take_rcpt,
    [REQUEST_DATA] = take_data,    [REQUEST_BDAT] = take_bdat,
    [REQUEST_RSET] = take_rset,    [REQUEST_NOOP] = take_noop,
    [REQUEST_VRFY] = take_vrfy,    [REQUEST_EXPN] = take_nothing,
    [REQUEST_HELP] = take_help,    [REQUEST_QUIT] = take_quit,
    [REQUEST_AUTH] = take_nothing, [REQUEST_STARTTLS] = take_nothing,
};

enum server_next server_command(struct server *s, struct span line)
{
    struct request r;
    const char *bad = request_parse(&r, line);
    if (bad)
        return refuse(s, bad);
    return takers[r.verb](s, r.argument);
}

enum server_next server_long_line(struct server *s)
{
    return refuse(s, "500 5.5.2 the line is too long");
}

// ---- What became of the text

void server_go_ahead(struct server *s)
{
    put_reply(s, "354 end it with a lone dot");
}

void server_took_chunk(struct server *s)
{
    buf_printf(&s->out, "250 2.0.0 Ok: %" PRIu64 " octets\r\n", s->chunk);
}

void server_queued(struct server *s, const char *id)
{
    buf_printf(&s->out, "250 2.0.0 Ok: queued as %s\r\n", id);
    reset(s);
}

void server_refused(struct server *s, const char *code, struct span why)
{
    buf_puts(&s->out, code);
    buf_putc(&s->out, ' ');
    text_clean(&s->out, why, SERVER_REPLY_MAX - strlen(code) - 3);
    put_reply(s, "");
    reset(s);
}
