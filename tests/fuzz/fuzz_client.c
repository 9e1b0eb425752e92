// SPDX-License-Identifier: ISC
// links: smtp
// A whole session with a server that says anything at any time, in any pieces, to a loop that
// sends as little or as much as it likes. The first two octets choose the options, each further
// one is a step; see `step`.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/smtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MESSAGES = 12, AGAIN_MAX = 6 };

struct session {
    struct smtp s;
    struct envelope envelopes[MESSAGES];
    uint32_t begun;
    bool chunking;
    size_t bodies;               // octets of the message under way
    uint64_t sent;               // by us, in all
    uint64_t whole_at[MESSAGES]; // when the message's end has been sent
    unsigned ended[MESSAGES];
    unsigned without[MESSAGES]; // of the next time
    unsigned again[MESSAGES];   // how often it was given again
    uint32_t waiting[MESSAGES]; // those that are to be given again
    size_t n_waiting;
    uint32_t current;            // the one given last
    unsigned refused[MESSAGES];  // bits of recipients
    unsigned returned[MESSAGES]; // likewise: they are to be named again
    bool over;
};

static const char *const canned[] = {
    "220 x\r\n",
    "250 x\r\n",
    "250-x\r\n250-PIPELINING\r\n250-STARTTLS\r\n250-CHUNKING\r\n250 AUTH PLAIN\r\n",
    "250-x\r\n250-STARTTLS\r\n250-SIZE 100\r\n250 AUTH PLAIN\r\n",
    "250-x\r\n250 PIPELINING\r\n",
    "250-x\r\n250-PIPELINING\r\n250 CHUNKING\r\n",
    "235 x\r\n",
    "334 \r\n",
    "334 eHg=\r\n",
    "354 x\r\n",
    "421 x\r\n",
    "450 4.2.0 x\r\n",
    "503 x\r\n",
    "530 x\r\n",
    "550 5.1.1 x\r\n",
    "221 x\r\n",
    "250-x\r\n250-SIZE\r\n250-8BITMIME\r\n250-DSN\r\n250 SMTPUTF8\r\n",
    "250-x\r\n250-SIZE\r\n250-DSN\r\n250-8BITMIME\r\n250 PIPELINING\r\n",
    "250-x\r\n250-SIZE\r\n250-DSN\r\n250-8BITMIME\r\n250-PIPELINING\r\n250 CHUNKING\r\n",
    "555 5.5.4 x\r\n",
    "501 x\r\n",
    "504 5.5.4 x\r\n",
    "555 x\r\n",
    "500 x\r\n",
};

static void check(bool good)
{
    if (!good)
        abort();
}

static void take_recipient(struct session *t, const struct smtp_event *e)
{
    check(!e->again || (e->outcome.verdict == VERDICT_DEFERRED && e->without));
    if (e->again)
        t->returned[e->tag] |= 1U << e->recipient;
    else
        t->refused[e->tag] |= 1U << e->recipient;
    t->without[e->tag] |= e->without;
}

// A message goes out again to those of whom nothing was said, and not for ever.
static void take_message(struct session *t, const struct smtp_event *e)
{
    check(!e->again || e->outcome.verdict == VERDICT_DEFERRED);
    if (!e->again && !t->returned[e->tag])
        return;
    if (!e->again)
        t->refused[e->tag] = 3 & ~t->returned[e->tag];
    else if (t->returned[e->tag])
        t->without[e->tag] |= e->without;
    else
        t->without[e->tag] = e->without;
    t->returned[e->tag] = 0;
    for (size_t i = 0; i < 2; i++)
        if (t->refused[e->tag] & 1U << i)
            envelope_recipient(&t->envelopes[e->tag], i)->status = RECIPIENT_REPORTED;
    check(t->again[e->tag]++ < AGAIN_MAX);
    t->waiting[t->n_waiting++] = e->tag;
}

static void take_event(struct session *t, const struct smtp_event *e)
{
    check(!t->over);
    const struct outcome *o = &e->outcome;
    check(!o->doubt || o->verdict == VERDICT_DEFERRED);
    check(o->scope != SCOPE_SESSION || o->verdict != VERDICT_FAILED);
    switch (e->kind) {
    case SMTP_ON_AUTH: break;
    case SMTP_ON_RECIPIENT:
        check(e->tag < t->begun && !t->ended[e->tag] && e->recipient < 2);
        check(!((t->refused[e->tag] | t->returned[e->tag]) & 1U << e->recipient));
        check(o->verdict != VERDICT_DELIVERED);
        take_recipient(t, e);
        break;
    case SMTP_ON_MESSAGE:
        check(e->tag < t->begun && ++t->ended[e->tag] == 1);
        if (o->verdict == VERDICT_DELIVERED || o->doubt)
            check(t->chunking || (t->whole_at[e->tag] && t->whole_at[e->tag] <= t->sent));
        if (o->verdict == VERDICT_DELIVERED)
            check((t->refused[e->tag] | t->returned[e->tag]) != 3 && o->code >= 200 &&
                  o->code < 300);
        take_message(t, e);
        break;
    case SMTP_ON_SESSION:
        check(o->verdict == VERDICT_DEFERRED && o->scope == SCOPE_SESSION);
        t->over = true;
        break;
    }
}

static void send_some(struct session *t, size_t n)
{
    struct span out = smtp_output(&t->s);
    if (!(smtp_wants(&t->s) & SMTP_OUTPUT))
        return;
    check(out.n > 0 && out.n == smtp_queued(&t->s));
    n = n < out.n ? n : out.n;
    t->sent += n;
    smtp_sent(&t->s, n);
}

static void begin_mail(struct session *t)
{
    t->current = t->begun;
    if (t->n_waiting) {
        t->current = t->waiting[0];
        t->n_waiting--;
        memmove(t->waiting, t->waiting + 1, t->n_waiting * sizeof *t->waiting);
        t->ended[t->current] = 0;
        t->whole_at[t->current] = 0;
    } else {
        t->begun++;
    }
    struct smtp_message m = {
        .tag = t->current,
        .envelope = &t->envelopes[t->current],
        .count = SIZE_MAX,
        .size = t->current % 3 == 2 ? 200000 : 50,
        .eightbit = t->current % 2,
        .without = t->without[t->current],
    };
    t->bodies = 0;
    smtp_mail(&t->s, &m);
}

static void more_body(struct session *t, uint8_t op)
{
    static char text[SMTP_BODY_MAX];
    uint32_t tag = t->current;
    if (t->bodies++ < op % 8U) {
        memset(text, op & 8 ? '\n' : 'x', sizeof text);
        smtp_body(&t->s, text, op & 16 ? sizeof text : op);
    } else if (op % 64 == 63) {
        smtp_body_abort(&t->s, "enough");
    } else {
        smtp_body_end(&t->s);
        // QUIT may stand behind it.
        t->whole_at[tag] = t->sent + smtp_queued(&t->s) - (t->s.quit_sent ? 6 : 0);
    }
}

// One thing that is wanted.
static void act(struct session *t, uint8_t op)
{
    unsigned wants = smtp_wants(&t->s);
    struct smtp_event event;
    if (wants & SMTP_EVENT) {
        check(smtp_next(&t->s, &event));
        take_event(t, &event);
    } else if (wants & SMTP_TLS) {
        smtp_tls_up(&t->s);
    } else if (wants & SMTP_AUTH) {
        if (!smtp_challenge(&t->s).p)
            (void)!smtp_auth(&t->s, "PLAIN", (struct span){op & 1 ? "x" : NULL, op & 1},
                             (enum smtp_form)((op >> 1) % 3));
        else if (op & 1)
            (void)!smtp_auth_response(&t->s, SPAN("x"));
        else
            smtp_auth_cancel(&t->s);
    } else if (wants & SMTP_BODY) {
        more_body(t, op);
    } else if (wants & SMTP_MAIL && (t->n_waiting || t->begun < MESSAGES)) {
        begin_mail(t);
    } else if (op % 16 == 0) {
        smtp_quit(&t->s);
    }
}

static void feed(struct session *t, const char *p, size_t n)
{
    while (n > 0 && smtp_wants(&t->s) & SMTP_INPUT) {
        size_t taken = smtp_feed(&t->s, p, n);
        check(taken > 0 && taken <= n);
        p += taken;
        n -= taken;
        while (smtp_wants(&t->s) & SMTP_EVENT)
            act(t, 1);
    }
}

// Whatever the server did, either something can be done or there is a deadline.
static void check_moves(const struct session *t)
{
    unsigned wants = smtp_wants(&t->s);
    check(wants != 0);
    if (wants == SMTP_INPUT)
        check(smtp_deadline(&t->s) > 0);
}

static void step(struct session *t, uint8_t op, const uint8_t **data, size_t *size)
{
    size_t n;
    switch (op >> 5) {
    case 0: // octets of the input
        n = op % 32U < *size ? op % 32U : *size;
        feed(t, (const char *)*data, n);
        *data += n;
        *size -= n;
        break;
    case 1:
    case 2:
        send_some(t, SIZE_MAX);
        n = op % (sizeof canned / sizeof *canned);
        feed(t, canned[n], strlen(canned[n]));
        break;
    case 3: send_some(t, op % 32U); break;
    case 4: send_some(t, SIZE_MAX); break;
    case 5: feed(t, canned[op % 16], 1 + op / 16 % 2 * 3U); break;
    default: act(t, op); break;
    }
}

static void session_init(struct session *t, const uint8_t *data)
{
    struct smtp_options o;
    memset(t, 0, sizeof *t);
    for (size_t i = 0; i < MESSAGES; i++) {
        struct envelope *e = &t->envelopes[i];
        envelope_init(e);
        check(envelope_set_options(e, i % 4 == 3 ? SPAN("RET=HDRS BODY=8BITMIME") : SPAN("")));
        check(envelope_add(e, SPAN("a@b"), SPAN("NOTIFY=NEVER")));
        check(envelope_add(e, i % 2 ? SPAN("\xc3\xa4@b") : SPAN("c@d"), SPAN("NOTIFY=DELAY")));
    }
    smtp_options_init(&o);
    o.tls = (enum smtp_tls)(data[0] % 3);
    o.auth = data[0] & 4;
    o.plaintext_auth = data[0] & 8;
    o.chunking = t->chunking = data[0] & 16;
    o.depth = data[1] % 40U;
    o.helo = data[0] & 32 ? "a\nb" : "me";
    smtp_init(&t->s, &o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct session t;
    if (size < 2)
        return 0;
    session_init(&t, data);
    data += 2;
    size -= 2;
    while (size > 0) {
        uint8_t op = *data++;
        size--;
        step(&t, op, &data, &size);
        check_moves(&t);
    }
    if (t.begun % 2)
        smtp_expired(&t.s);
    else
        smtp_eof(&t.s, "end");
    struct smtp_event event;
    while (smtp_next(&t.s, &event))
        take_event(&t, &event);
    check(smtp_wants(&t.s) == SMTP_CLOSED);
    for (uint32_t i = 0; i < t.begun; i++)
        check(t.ended[i] == 1);
    smtp_free(&t.s);
    for (size_t i = 0; i < MESSAGES; i++)
        envelope_free(&t.envelopes[i]);
    return 0;
}
