// SPDX-License-Identifier: ISC
#include "message/bounce/bounce.h"

#include <string.h>

#include "message/bounce/deliverystatus.h"
#include "message/header.h"
#include "message/lines.h"
#include "message/parameter.h"

enum {
    LINE_LONGEST = 998, // RFC 5322, 2.1.1
    ID_LONGEST = 250,   // octets of a Message-ID that is referred to
    TO_MOST = 20,       // addresses in To
    TO_LONGEST = 900,   // octets of such an address
    BOUNDARY_MAX = 70,  // RFC 2046, 5.1.1
    WORDS_MAX = 4096,   // of a recipient, in the text for people
};

bool bounce_is_wanted(const struct envelope *e, size_t recipient, enum bounce_kind kind)
{
    struct span list, part;
    static const struct span words[] = {[BOUNCE_FAILED] = SPAN_INIT("FAILURE"),
                                        [BOUNCE_DELAYED] = SPAN_INIT("DELAY"),
                                        [BOUNCE_RELAYED] = SPAN_INIT("SUCCESS")};
    struct span wanted = words[kind];
    if (!parameter_find(envelope_recipient_options(e, recipient), SPAN("NOTIFY"), &list))
        return kind != BOUNCE_RELAYED;
    while (span_cut(&list, ',', &part))
        if (span_equal_nocase(span_trim(part), wanted))
            return true;
    return false;
}

size_t bounce_wants(const struct block *b)
{
    return b->octets < BOUNCE_RETURN_MAX ? (size_t)b->octets : BOUNCE_RETURN_MAX;
}

// The reply stands in the block once for all recipients: it is this one's if its codes are.
void bounce_recall(const struct block *b, struct bounce_recipient *r)
{
    const struct recipient *known = envelope_recipient(&b->envelope, r->index);
    struct buf codes = BUF_INIT(OUTCOME_TEXT_MAX);
    struct span reply = span_of(b->reply);
    r->fresh = false;
    r->outcome = (struct outcome){.verdict = VERDICT_FAILED, .code = known->code};
    memcpy(r->outcome.status, known->detail, sizeof known->detail);
    if (known->code)
        outcome_describe(&codes, &r->outcome);
    if (span_starts_nocase(reply, buf_span(&codes)))
        outcome_text(&r->outcome,
                     span_trim((struct span){reply.p + codes.n, reply.n - codes.n}));
    buf_free(&codes);
}

// ---- The text for people

static void put_clean(struct buf *out, struct span text)
{
    struct buf clean = BUF_INIT(ENVELOPE_ADDRESS_MAX);
    text_clean(&clean, text, LINE_LONGEST - 100);
    buf_put_span(out, buf_span(&clean));
    buf_free(&clean);
}

static void put_words(struct buf *out, struct span relay, const struct bounce_recipient *r)
{
    struct buf words = BUF_INIT(WORDS_MAX);
    const struct outcome *o = &r->outcome;
    buf_puts(out, "    ");
    if (o->code) {
        put_clean(out, r->fresh && relay.n ? relay : SPAN("the smarthost"));
        buf_puts(out, " said: ");
    }
    outcome_describe(&words, o);
    put_clean(out, words.n ? span_trim(buf_span(&words)) : SPAN("nothing more is known"));
    buf_puts(out, "\n\n");
    buf_free(&words);
}

static void put_list(struct buf *out, const struct bounce_facts *f, const struct block *b,
                     const struct bounce_recipient *list, size_t n)
{
    size_t begin = out->n, i = 0;
    for (; i < n && out->n - begin < BOUNCE_LIST_MAX; i++) {
        buf_putc(out, '<');
        put_clean(out, span_of(envelope_address(&b->envelope, list[i].index)));
        buf_puts(out, ">\n");
        put_words(out, f->relay, &list[i]);
    }
    if (i < n)
        buf_printf(out, "and %zu more recipients.\n\n", n - i);
}

static void put_outlook(struct buf *out, const struct bounce_facts *f)
{
    if (f->kind == BOUNCE_FAILED) {
        buf_puts(out, "could not deliver your message to the recipients below, and will not\n"
                      "try again.\n\n");
        return;
    }
    if (f->kind == BOUNCE_RELAYED) {
        buf_puts(out,
                 "has handed your message over for the recipients below. The mail system that\n"
                 "took it makes no reports, so you may hear no more of it.\n\n");
        return;
    }
    buf_puts(out, "has not been able yet to deliver your message to the recipients below.\n"
                  "It goes on trying until ");
    date_put(out, &f->until.local, f->until.offset);
    buf_puts(out, ".\nThere is nothing for you to do: if you send it again it may arrive "
                  "twice.\n\n");
}

static void put_text(struct buf *out, const struct bounce_facts *f, const struct block *b,
                     const struct bounce_recipient *list, size_t n, bool whole)
{
    buf_puts(out, "The mail system");
    if (f->domain.n) {
        buf_puts(out, " at ");
        put_clean(out, f->domain);
    }
    buf_putc(out, '\n');
    put_outlook(out, f);
    put_list(out, f, b, list, n);
    buf_puts(out, "The message arrived here on ");
    date_put(out, &f->arrival.local, f->arrival.offset);
    buf_puts(out, "\nand had the queue id ");
    put_clean(out, f->id);
    buf_printf(out, ".\nA report for programs follows, and %s.\n",
               whole ? "the message" : "the header of the message");
}

// ---- What is returned

static bool is_full_wanted(const struct block *b)
{
    struct span ret;
    return parameter_find(envelope_options(&b->envelope), SPAN("RET"), &ret) &&
           span_equal_nocase(ret, SPAN("FULL"));
}

// Whether it may stand in a part as it is: lines that SMTP takes, and nothing binary.
static bool is_fit(struct span text)
{
    struct span line;
    while (text.n && span_cut(&text, '\n', &line))
        if (line.n > LINE_LONGEST || (line.n && memchr(line.p, '\0', line.n)) ||
            (line.n && memchr(line.p, '\r', line.n)))
            return false;
    return true;
}

// The lines before the first empty one. One that is too long is cut; one that `text` ends
// within is left out.
static void put_header(struct buf *out, struct span text)
{
    struct span line;
    while (text.n && span_cut(&text, '\n', &line) && line.n && text.p) {
        for (size_t i = 0; i < line.n && i < LINE_LONGEST; i++)
            buf_putc(out, line.p[i] == '\0' || line.p[i] == '\r' ? '?' : line.p[i]);
        buf_putc(out, '\n');
    }
}

// ---- All of it

// Adds the Message-ID of the original to the fields that refer to it, if that is one.
static void put_references(struct buf *out, struct span header)
{
    struct field field;
    while (field_next(&header, &field)) {
        struct span id = span_trim(field.body);
        if (!span_equal_nocase(field.name, SPAN("Message-ID")))
            continue;
        bool good = id.n > 2 && id.n <= ID_LONGEST && id.p[0] == '<' && id.p[id.n - 1] == '>';
        for (size_t i = 0; good && i < id.n; i++)
            good = id.p[i] > ' ' && id.p[i] <= '~';
        if (good)
            buf_printf(out, "In-Reply-To: %.*s\nReferences: %.*s\n", SPAN_ARGS(id),
                       SPAN_ARGS(id));
        return;
    }
}

void bounce_put_to(struct buf *out, const struct envelope *to)
{
    size_t shown = 0;
    for (size_t i = 0; i < envelope_count(to) && shown < TO_MOST; i++) {
        struct span address = span_of(envelope_address(to, i));
        if (address.n && address.n <= TO_LONGEST)
            buf_printf(out, "%s<%.*s>", shown++ ? ",\n\t" : "To: ", SPAN_ARGS(address));
    }
    buf_puts(out, shown ? "\n" : "To: undisclosed-recipients:;\n");
}

void bounce_put_from(struct buf *out, struct span domain)
{
    buf_puts(out, "From: Mail Delivery System <MAILER-DAEMON");
    buf_puts(out, domain.n ? "@" : "");
    buf_put_span(out, domain);
    buf_puts(out, ">\n");
}

static bool is_eightbit(const struct buf *text)
{
    struct lines_figures figures = {0};
    lines_count(&figures, buf_span(text));
    return figures.eightbit;
}

// The parts of a report, and the line that parts them.
struct parts {
    struct buf text, status, returned;
    bool whole;
    char boundary[BOUNDARY_MAX + 1];
};

// A boundary that stands in no part. It is made of chance, so it does at once unless somebody
// knew it.
static void choose_boundary(struct parts *p, const unsigned char random[DATE_RANDOM])
{
    struct buf boundary = BUF_INIT(BOUNDARY_MAX);
    for (unsigned try = 0;; try++) {
        buf_clear(&boundary);
        buf_puts(&boundary, "=_");
        for (size_t i = 0; i < DATE_RANDOM; i++)
            buf_printf(&boundary, "%02x", random[i]);
        if (try)
            buf_printf(&boundary, "_%u", try);
        struct span s = buf_span(&boundary);
        if (!span_find_nocase(buf_span(&p->text), s) &&
            !span_find_nocase(buf_span(&p->status), s) &&
            !span_find_nocase(buf_span(&p->returned), s))
            break;
    }
    memcpy(p->boundary, buf_str(&boundary), boundary.n + 1);
    buf_free(&boundary);
}

static void put_fields(struct buf *out, const struct bounce_facts *f, const struct parts *p,
                       struct span header)
{
    static const char *const subjects[] = {
        [BOUNCE_FAILED] = "Your message could not be delivered",
        [BOUNCE_DELAYED] = "Your message is delayed",
        [BOUNCE_RELAYED] = "Your message was handed over",
    };
    bool eightbit = is_eightbit(&p->text) || is_eightbit(&p->returned);
    bounce_put_from(out, f->domain);
    bounce_put_to(out, f->to);
    buf_printf(out, "Subject: %s\nDate: ", subjects[f->kind]);
    date_put(out, &f->now.local, f->now.offset);
    buf_puts(out, "\nMessage-ID: ");
    message_id_put(out, f->random[0], f->domain);
    buf_putc(out, '\n');
    put_references(out, header);
    buf_printf(out,
               "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
               "Content-Type: multipart/report; report-type=delivery-status;\n"
               "\tboundary=\"%s\"\nContent-Transfer-Encoding: %s\n\n",
               p->boundary, eightbit ? "8bit" : "7bit");
}

static void put_part(struct buf *out, const struct parts *p, const char *type,
                     const struct buf *body)
{
    bool eightbit = is_eightbit(body);
    buf_printf(out, "--%s\nContent-Type: %s\nContent-Transfer-Encoding: %s\n\n", p->boundary,
               type, eightbit ? "8bit" : "7bit");
    buf_put_span(out, buf_span(body));
    buf_putc(out, '\n');
}

bool bounce_put(struct buf *out, const struct bounce_facts *f, const struct block *b,
                const struct bounce_recipient *list, size_t n, struct span original)
{
    struct parts p = {.text = BUF_INIT(BOUNCE_MAX),
                      .status = BUF_INIT(BOUNCE_MAX),
                      .returned = BUF_INIT(BOUNCE_MAX)};
    p.whole = f->kind == BOUNCE_FAILED && is_full_wanted(b) && original.n == b->octets &&
              is_fit(original);
    put_text(&p.text, f, b, list, n, p.whole);
    deliverystatus_put(&p.status, f, b, list, n);
    if (p.whole)
        buf_put_span(&p.returned, original);
    else
        put_header(&p.returned, original);
    choose_boundary(&p, f->random[1]);
    struct buf header = BUF_INIT(BOUNCE_MAX);
    put_header(&header, original);
    put_fields(out, f, &p, buf_span(&header));
    put_part(out, &p,
             is_eightbit(&p.text) ? "text/plain; charset=utf-8"
                                  : "text/plain; charset=us-ascii",
             &p.text);
    put_part(out, &p, "message/delivery-status", &p.status);
    put_part(out, &p, p.whole ? "message/rfc822" : "text/rfc822-headers", &p.returned);
    buf_printf(out, "--%s--\n", p.boundary);
    bool good = !out->over && !p.text.over && !p.status.over && !p.returned.over;
    buf_free(&p.text);
    buf_free(&p.status);
    buf_free(&p.returned);
    buf_free(&header);
    return good;
}
