// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "session.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

// Commands that end a pipelined group (RFC 2920, 3.1): what follows them has to wait.
static bool ends_group(enum event e)
{
    return e == EVENT_EHLO || e == EVENT_HELO || e == EVENT_STARTTLS || e == EVENT_AUTH ||
           e == EVENT_DATA || e == EVENT_NOOP || e == EVENT_QUIT || e == EVENT_RESPONSE;
}

static void look_for_haste(const struct session *s, enum event e)
{
    if (wire_waiting(&s->wire, false) && e != EVENT_BDAT &&
        (ends_group(e) || !house_offers(s->house, SPAN("PIPELINING"))))
        log_line(s->number, "early input behind %s", event_name(e));
}

// What was hoped for is said once: a reply to QUIT is not waited for by everybody.
static void quit(struct session *s)
{
    session_say(s, SPAN("221 2.0.0 bye"));
    session_finish(s, WIRE_CLOSE);
}

static void ordinary(struct session *s, enum event e, struct span line)
{
    switch (e) {
    case EVENT_CONNECT: greet_connect(s); break;
    case EVENT_EHLO: greet_ehlo(s); break;
    case EVENT_HELO:
        mail_forget(s);
        session_say(s, SPAN("250 smarthost.example"));
        break;
    case EVENT_STARTTLS: greet_starttls(s); break;
    case EVENT_AUTH: greet_auth(s, line); break;
    case EVENT_RESPONSE: greet_response(s, line); break;
    case EVENT_MAIL: mail_from(s, line); break;
    case EVENT_RCPT: mail_to(s, line); break;
    case EVENT_DATA: mail_data(s); break;
    case EVENT_BDAT: mail_chunk(s, line); break;
    case EVENT_BODY: break;
    case EVENT_DOT: mail_dot(s); break;
    case EVENT_RSET:
        mail_forget(s);
        session_say(s, SPAN("250 2.0.0 forgotten"));
        break;
    case EVENT_NOOP: session_say(s, SPAN("250 2.0.0 ok")); break;
    case EVENT_QUIT: quit(s); break;
    default: session_say(s, SPAN("500 5.5.2 no such command")); break;
    }
}

static void nap(struct session *s, uint64_t milliseconds)
{
    struct timespec t = {.tv_sec = (time_t)(milliseconds / 1000),
                         .tv_nsec = (long)(milliseconds % 1000) * 1000000};
    wire_flush(&s->wire);
    nanosleep(&t, NULL);
}

static void silence(struct session *s)
{
    struct span in;
    while ((in = wire_peek(&s->wire)).n)
        wire_used(&s->wire, in.n);
}

static void repeat(struct session *s, const struct action *a)
{
    for (uint64_t i = 0; session_alive(s) && (!a->number || i < a->number); i++)
        wire_put(&s->wire, a->text);
}

// Each octet is progress to a client that counts reads, and never a reply.
static void drip(struct session *s, const struct action *a)
{
    for (size_t i = 0; session_alive(s); i = (i + 1) % a->text.n) {
        wire_put(&s->wire, (struct span){a->text.p + i, 1});
        nap(s, a->number);
    }
}

static void act(struct session *s, const struct action *a, enum event e, struct span line)
{
    switch (a->kind) {
    case ACTION_REPLY:
        s->mute = s->instead = false;
        session_say(s, a->text);
        break;
    case ACTION_ANSWER:
        s->instead = true;
        s->answer = a->text;
        ordinary(s, e, line);
        break;
    case ACTION_MUTE:
        s->mute = true;
        ordinary(s, e, line);
        break;
    case ACTION_PROCEED: ordinary(s, e, line); break;
    case ACTION_SEND: wire_put(&s->wire, a->text); break;
    case ACTION_REPEAT: repeat(s, a); break;
    case ACTION_DRIP: drip(s, a); break;
    case ACTION_SKIP: mail_skip(s, line); break;
    case ACTION_DELAY: nap(s, a->number); break;
    case ACTION_SILENCE: silence(s); break;
    case ACTION_STALL: wire_stall(&s->wire); break;
    case ACTION_CLOSE: session_finish(s, WIRE_CLOSE); break;
    case ACTION_CUT: session_finish(s, WIRE_CUT); break;
    default: session_finish(s, WIRE_RESET); break;
    }
}

bool session_alive(const struct session *s)
{
    return !s->over && !s->wire.dead;
}

void session_finish(struct session *s, enum wire_end how)
{
    wire_flush(&s->wire);
    s->over = true;
    s->end = how;
}

// The text behind an enhanced status code, for clients that were not offered any; p is NULL
// where there is none.
static struct span behind_detail(struct span text)
{
    struct span rest = text, code, detail;
    bool there = span_cut(&rest, ' ', &code) && span_cut(&rest, ' ', &detail) && rest.p &&
                 code.n == 3 && detail.n >= 5 && detail.p[1] == '.';
    return there ? rest : (struct span){0};
}

void session_say(struct session *s, struct span text)
{
    struct span rest;
    if (s->mute) {
        s->mute = false;
        return;
    }
    if (s->instead)
        text = s->answer;
    s->instead = false;
    if (text.n && text.p[0] >= '4')
        log_line(s->number, "answer %.*s", SPAN_ARGS(text));
    if (!house_offers(s->house, SPAN("ENHANCEDSTATUSCODES")) &&
        (rest = behind_detail(text)).p) {
        wire_put(&s->wire, (struct span){text.p, 4});
        text = rest;
    }
    wire_put(&s->wire, text);
    wire_put(&s->wire, SPAN("\r\n"));
}

void session_happen(struct session *s, enum event e, struct span line)
{
    struct moment m = {.event = e,
                       .line = e == EVENT_BODY ? (struct span){0} : line,
                       .connection = s->number,
                       .here = ++s->here[e],
                       .before = s->before,
                       .at = s->before + line.n,
                       .pipelined = wire_waiting(&s->wire, false)};
    const struct rule *rule = script_find(s->house->script, &m);
    if (rule) {
        log_line(s->number, "rule %u %s", rule->line, event_name(e));
        for (size_t i = 0; i < rule->n_actions && session_alive(s); i++)
            act(s, &rule->actions[i], e, line);
    } else {
        ordinary(s, e, line);
    }
    s->mute = s->instead = false;
    if (e == EVENT_DOT)
        mail_forget(s);
}

// A line of AUTH may hold a secret: only its mechanism is logged, by greet.c.
static void log_command(const struct session *s, enum event e)
{
    if (e != EVENT_AUTH && e != EVENT_RESPONSE)
        log_line(s->number, "flight %llu: %s", (unsigned long long)s->wire.flights,
                 buf_str(&s->line));
}

static void dialogue(struct session *s)
{
    bool bare;
    while (session_alive(s) && wire_line(&s->wire, &s->line, &bare)) {
        struct span line = {buf_str(&s->line), s->line.n};
        enum event e = s->in_auth ? EVENT_RESPONSE : event_of(line);
        if (bare)
            log_line(s->number, "bare line end");
        log_command(s, e);
        look_for_haste(s, e);
        session_happen(s, e, line);
    }
}

static void end(struct session *s)
{
    static const char *const manners[] = {"close", "cut", "reset"};
    if (s->wire.idled) {
        s->wire.dead = false;
        session_say(s, SPAN("421 4.4.2 idle for too long"));
        session_finish(s, WIRE_CLOSE);
    }
    log_line(s->number, "end %s flights=%llu", s->over ? manners[s->end] : "eof",
             (unsigned long long)s->wire.flights);
    s->house->flights += s->wire.flights;
    mail_forget(s);
    if (s->in_auth)
        auth_free(&s->auth);
    wire_end(&s->wire, s->end);
    buf_free(&s->envelope);
    buf_free(&s->line);
    buf_free(&s->text);
}

static void log_peer(unsigned long long number, int fd)
{
    struct sockaddr_storage peer;
    socklen_t n = sizeof peer;
    char text[INET6_ADDRSTRLEN];
    if (getpeername(fd, (struct sockaddr *)&peer, &n) == 0 &&
        getnameinfo((const struct sockaddr *)&peer, n, text, sizeof text, NULL, 0,
                    NI_NUMERICHOST) == 0)
        log_line(number, "from %s", text);
}

void session_serve(struct house *house, int fd, unsigned long long number)
{
    struct session *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    *s = (struct session){.house = house,
                          .number = number,
                          .envelope = BUF_INIT(SESSION_TEXT_MAX * 16),
                          .line = BUF_INIT(WIRE_LINE_MAX),
                          .text = BUF_INIT(SESSION_TEXT_MAX)};
    wire_init(&s->wire, fd);
    s->wire.record[0] = house->record[0];
    s->wire.record[1] = house->record[1];
    s->wire.split = (unsigned)house->script->split;
    s->wire.pause = (unsigned)house->script->pause;
    s->wire.idle = (unsigned)house->script->idle;
    log_line(number, "connect");
    log_peer(number, fd);
    if (house->mode == HOUSE_IMPLICIT)
        greet_secure(s);
    if (session_alive(s))
        session_happen(s, EVENT_CONNECT, (struct span){0});
    if (session_alive(s))
        dialogue(s);
    end(s);
    free(s);
}
