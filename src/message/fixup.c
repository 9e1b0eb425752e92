// SPDX-License-Identifier: ISC
#define _GNU_SOURCE // memrchr
#include "message/fixup.h"

#include <string.h>

#include "message/address.h"
#include "message/complete.h"
#include "message/fields.h"
#include "message/phrase.h"

enum { WHY_MAX = 200 }; // octets of a bad address that are named

// The fields of one resending (RFC 5322, 3.6.6): they stand together, and the newest on top.
struct resent {
    struct span text;
    unsigned seen;    // a bit for each field of the table that is in it
    bool destination; // it names recipients
};

struct repair {
    struct buf *out;
    struct envelope *e;
    struct buf *why;
    const struct fixup_facts *facts;
    struct resent resent; // the block that counts; without text where there is none
    unsigned seen;        // a bit for each field of the table that is stored
};

static unsigned bit(enum field_id id)
{
    return 1U << id;
}

// ---- Which Resent- block counts

// Takes off *text the next block and all that stands before it. A block ends where another
// field follows, or where a field comes again that a resending has once only.
static bool next_resent(struct span *text, struct resent *r)
{
    struct field f;
    *r = (struct resent){.text = {NULL, 0}};
    for (struct span rest = *text; field_next(&rest, &f); *text = rest) {
        enum field_id id = field_find(f.name);
        bool inside = span_starts_nocase(f.name, SPAN("Resent-"));
        bool recipients = inside && (field_flags(id) & FIELD_HARVESTED);
        bool again = id != FIELD_OTHER && (r->seen & bit(id)) && !recipients;
        if (r->text.p && (!inside || again))
            return true;
        if (!inside)
            continue;
        if (!r->text.p)
            r->text.p = f.raw.p;
        r->text.n += f.raw.n;
        r->seen |= bit(id);
        r->destination = r->destination || recipients;
    }
    return r->text.p != NULL;
}

// The first block that names recipients, else the first block.
static struct resent find_resent(struct span text)
{
    struct resent first = {.text = {NULL, 0}};
    struct resent r;
    while (next_resent(&text, &r)) {
        if (r.destination)
            return r;
        if (!first.text.p)
            first = r;
    }
    return first;
}

// ---- Recipients

static bool is_harvested(const struct repair *w, const struct field *f, unsigned flags)
{
    if (!w->facts->harvest || !(flags & FIELD_HARVESTED))
        return false;
    if (!w->resent.destination)
        return !(flags & FIELD_RESENT);
    const char *begin = w->resent.text.p;
    return (flags & FIELD_RESENT) && f->raw.p >= begin && f->raw.p < begin + w->resent.text.n;
}

static enum fixup_answer harvest(struct repair *w, const struct field *f)
{
    struct address_list l;
    struct address a;
    enum address_answer answer;
    bool room = true;
    address_init(&l, f->body, true);
    while (room && (answer = address_next(&l, &a)) == ADDRESS_ONE)
        room = envelope_add(w->e, a.mailbox, SPAN(""));
    if (room && answer == ADDRESS_BAD) {
        text_clean(w->why, f->name, WHY_MAX);
        buf_printf(w->why, ": %s: ", l.reason);
        text_clean(w->why, l.bad, WHY_MAX);
    }
    address_free(&l);
    if (!room)
        return FIXUP_MANY;
    return answer == ADDRESS_BAD ? FIXUP_ADDRESS : FIXUP_DONE;
}

// ---- What is stored

static void put_domain(struct repair *w)
{
    buf_putc(w->out, '@');
    buf_put_span(w->out, w->facts->domain);
}

static size_t column(const struct buf *out)
{
    const char *lf = out->n ? memrchr(out->p, '\n', out->n) : NULL;
    return lf ? (size_t)(out->p + out->n - lf) - 1 : out->n;
}

static void put_from(struct repair *w)
{
    const struct fixup_facts *facts = w->facts;
    size_t start = w->out->n;
    bool completed = facts->domain.n && address_is_bare(facts->mailbox);
    size_t length = facts->mailbox.n + (completed ? 1 + facts->domain.n : 0);
    phrase_put(w->out, facts->name, column(w->out));
    bool named = w->out->n > start;
    if (named && column(w->out) + 3 + length > PHRASE_LINE_MAX)
        buf_putc(w->out, '\n');
    buf_puts(w->out, named ? " <" : "");
    buf_put_span(w->out, facts->mailbox);
    if (completed)
        put_domain(w);
    buf_puts(w->out, named ? ">" : "");
}

// The domain of a Message-ID: the one that completes, else the sender's.
static struct span id_domain(const struct fixup_facts *facts)
{
    struct span mailbox = facts->mailbox;
    if (facts->domain.n || mailbox.n == 0 || address_is_bare(mailbox))
        return facts->domain;
    const char *at = memrchr(mailbox.p, '@', mailbox.n);
    return (struct span){at + 1, (size_t)(mailbox.p + mailbox.n - at) - 1};
}

static void add_field(struct repair *w, enum field_id id)
{
    const struct fixup_facts *facts = w->facts;
    buf_printf(w->out, "%s: ", field_title(id));
    if (id == FIELD_FROM)
        put_from(w);
    else if (id == FIELD_DATE || id == FIELD_RESENT_DATE)
        date_put(w->out, &facts->local, facts->offset);
    else
        message_id_put(w->out, facts->random[id == FIELD_RESENT_MESSAGE_ID], id_domain(facts));
    buf_putc(w->out, '\n');
}

// Adds what is made where it is missing: of a resending, or (`resent` 0) of the message itself.
static void add_missing(struct repair *w, unsigned seen, unsigned resent)
{
    for (unsigned i = 0; i < FIELD_OTHER; i++) {
        enum field_id id = (enum field_id)i;
        unsigned flags = field_flags(id);
        if ((flags & FIELD_ADDED) && (flags & FIELD_RESENT) == resent && !(seen & bit(id)))
            add_field(w, id);
    }
}

static bool has_destination(unsigned seen)
{
    for (unsigned i = 0; i < FIELD_OTHER; i++)
        if ((seen & bit((enum field_id)i)) &&
            (field_flags((enum field_id)i) & FIELD_DESTINATION))
            return true;
    return false;
}

static void store_field(struct repair *w, const struct field *f, enum field_id id)
{
    unsigned flags = field_flags(id);
    bool gateway = w->facts->gateway;
    if (flags & FIELD_DROPPED)
        return;
    if (!gateway && (flags & FIELD_NOT_EMPTY) && span_trim(f->body).n == 0)
        return;
    w->seen |= bit(id);
    if (!gateway && (flags & FIELD_COMPLETED) && w->facts->domain.n)
        complete_field(w->out, f, w->facts->domain);
    else
        buf_put_span(w->out, f->raw);
}

// Whether the block that counts ends with this field: there, where they can not be taken for
// part of a block above it, its missing fields are added.
static bool ends_resent(const struct repair *w, const struct field *f)
{
    const struct span *block = &w->resent.text;
    return block->p && f->raw.p + f->raw.n == block->p + block->n;
}

enum fixup_answer fixup(struct buf *out, struct envelope *e, struct buf *why,
                        const struct header *h, const struct fixup_facts *facts)
{
    struct repair w = {.out = out, .e = e, .why = why, .facts = facts};
    struct span text = buf_span(&h->text);
    struct field f;
    w.resent = find_resent(text);
    while (field_next(&text, &f)) {
        enum field_id id = field_find(f.name);
        if (is_harvested(&w, &f, field_flags(id))) {
            enum fixup_answer answer = harvest(&w, &f);
            if (answer != FIXUP_DONE)
                return answer;
        }
        store_field(&w, &f, id);
        if (!facts->gateway && ends_resent(&w, &f))
            add_missing(&w, w.resent.seen, FIELD_RESENT);
    }
    if (!facts->gateway) {
        add_missing(&w, w.seen, 0);
        if (!has_destination(w.seen))
            buf_puts(out, "To: undisclosed-recipients:;\n");
    }
    return out->over ? FIXUP_LONG : FIXUP_DONE;
}
