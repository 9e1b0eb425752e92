// SPDX-License-Identifier: ISC
#include <errno.h>
#include <string.h>

#include "body.h"
#include "session.h"
#include "transaction.h"

// What stands in the way of MAIL, or NULL.
static const char *obstacle(const struct session *s)
{
    if (s->house->mode != HOUSE_PLAIN && !s->wire.tls)
        return "530 5.7.0 must issue a STARTTLS command first";
    if (s->house->n_users && !s->authenticated)
        return "530 5.7.0 authentication required";
    if (s->mail)
        return "503 5.5.1 nested MAIL command";
    return NULL;
}

static void note(struct session *s, struct span line)
{
    buf_put_span(&s->envelope, line);
    buf_putc(&s->envelope, '\n');
}

static bool begin_store(struct session *s)
{
    s->storing = store_begin(&s->store, s->house->directory, buf_span(&s->envelope)) == 0;
    s->before = 0;
    if (!s->storing)
        log_line(s->number, "can not store: %s", strerror(errno));
    return s->storing;
}

// Octets of the message have come, out of `sent` octets on the wire.
static void take_octets(struct session *s, struct span octets, size_t sent)
{
    if (s->storing)
        store_put(&s->store, octets);
    session_happen(s, EVENT_BODY, (struct span){0, sent});
    s->before += sent;
}

void mail_forget(struct session *s)
{
    if (s->storing)
        store_drop(&s->store);
    s->storing = s->mail = false;
    s->recipients = 0;
    buf_clear(&s->envelope);
}

void mail_from(struct session *s, struct span line)
{
    const char *why = obstacle(s);
    if (!why)
        why = transaction_check(s->house, true, line);
    if (why) {
        session_say(s, span_of(why));
        return;
    }
    s->mail = true;
    note(s, line);
    session_say(s, SPAN("250 2.1.0 sender ok"));
}

void mail_to(struct session *s, struct span line)
{
    const char *why = s->mail ? transaction_check(s->house, false, line)
                              : "503 5.5.1 need MAIL before RCPT";
    if (why) {
        session_say(s, span_of(why));
        return;
    }
    s->recipients++;
    note(s, line);
    session_say(s, SPAN("250 2.1.5 recipient ok"));
}

void mail_data(struct session *s)
{
    struct body body = {0};
    struct buf octets = BUF_INIT(2 * WIRE_IN);
    if (!s->recipients && !s->house->script->lenient) {
        session_say(s, SPAN("503 5.5.1 no valid recipients"));
        return;
    }
    if (!begin_store(s)) {
        session_say(s, SPAN("451 4.3.0 can not store"));
        return;
    }
    session_say(s, SPAN("354 end with a dot"));
    while (session_alive(s) && body.state != BODY_END) {
        struct span in = wire_peek(&s->wire);
        buf_clear(&octets);
        size_t taken = body_push(&body, in, &octets);
        wire_used(&s->wire, taken);
        take_octets(s, buf_span(&octets), taken);
    }
    buf_free(&octets);
    if (body.unstuffed)
        log_line(s->number, "unstuffed dot");
    if (session_alive(s))
        session_happen(s, EVENT_DOT, (struct span){0});
}

// "BDAT OCTETS [LAST]"; false where it is not that.
static bool chunk_size(struct span line, uint64_t *octets, bool *last)
{
    struct span verb, size, word;
    span_word(&line, &verb);
    *last = false;
    if (!span_word(&line, &size) || !text_number(size, UINT32_MAX, octets))
        return false;
    if (span_word(&line, &word))
        *last = span_equal_nocase(word, SPAN("LAST"));
    return true;
}

static void read_chunk(struct session *s, uint64_t octets)
{
    while (octets && session_alive(s)) {
        struct span in = wire_peek(&s->wire);
        if (in.n > octets)
            in.n = (size_t)octets;
        wire_used(&s->wire, in.n);
        take_octets(s, in, in.n);
        octets -= in.n;
    }
}

void mail_skip(struct session *s, struct span line)
{
    uint64_t octets;
    bool last;
    if (s->storing)
        store_drop(&s->store);
    s->storing = false;
    if (chunk_size(line, &octets, &last))
        read_chunk(s, octets);
}

void mail_chunk(struct session *s, struct span line)
{
    uint64_t octets;
    bool last;
    if (!chunk_size(line, &octets, &last)) {
        session_say(s, SPAN("501 5.5.4 how many octets?"));
        return;
    }
    if (!s->recipients || !house_offers(s->house, SPAN("CHUNKING"))) {
        mail_skip(s, line);
        session_say(s, SPAN("503 5.5.1 not now"));
        return;
    }
    if (!s->storing && !begin_store(s)) {
        mail_skip(s, line);
        session_say(s, SPAN("451 4.3.0 can not store"));
        return;
    }
    read_chunk(s, octets);
    if (!session_alive(s))
        return;
    if (last)
        session_happen(s, EVENT_DOT, (struct span){0});
    else
        session_say(s, SPAN("250 2.0.0 chunk ok"));
}

static void keep(struct session *s)
{
    const struct store *m = &s->store;
    unsigned long long number = ++s->house->messages;
    if (store_keep(&s->store, s->house->directory, number) != 0) {
        log_line(s->number, "can not store: %s", strerror(errno));
        session_say(s, SPAN("451 4.3.0 can not store"));
        return;
    }
    s->storing = false;
    s->house->recipients += s->recipients;
    s->house->octets += m->octets;
    log_line(s->number, "message %llu recipients=%zu octets=%llu longest=%llu%s%s%s", number,
             s->recipients, (unsigned long long)m->octets, (unsigned long long)m->longest,
             m->eightbit ? " 8bit" : "", m->nul ? " nul" : "", m->bare ? " bare" : "");
    buf_clear(&s->text);
    buf_printf(&s->text, "250 2.0.0 accepted as %llu", number);
    session_say(s, buf_span(&s->text));
}

void mail_dot(struct session *s)
{
    if (!s->recipients)
        session_say(s, SPAN("554 5.5.1 no valid recipients"));
    else if (s->store.octets > s->house->size_limit)
        session_say(s, SPAN("552 5.3.4 message size exceeds the limit"));
    else
        keep(s);
}
