// SPDX-License-Identifier: ISC
#define _GNU_SOURCE // memrchr
#include "message/author.h"

#include <string.h>

#include "message/address.h"
#include "message/envelope.h"
#include "message/fixup.h"
#include "message/phrase.h"

enum { NAME_COLUMN = sizeof "Resent-From: " - 1 }; // where a name begins at the latest

// What a text is made of, as a phrase (RFC 5322, 3.2.5 and 4.1).
struct makeup {
    bool other;    // something that no phrase holds
    bool at;       // an '@'
    bool dot;      // a dot that is in no quotes
    bool delicate; // words that mean something else in quotes: quoted or encoded ones
};

static struct makeup look_at(struct span text)
{
    struct makeup m = {.other = false};
    struct token_reader reader = {.text = text.p ? text : SPAN(""), .folded = true};
    struct token t = token_next(&reader);
    m.other = t.kind == TOKEN_END;
    for (size_t i = 0; i < text.n; i++)
        m.other |= text_is_control(text.p[i]) && text.p[i] != '\n' && text.p[i] != '\t';
    for (; t.kind != TOKEN_END; t = token_next(&reader)) {
        m.dot |= t.special == '.';
        m.at |= t.special == '@';
        m.delicate |= t.kind == TOKEN_QUOTED || t.kind == TOKEN_ENCODED;
        m.other |= t.kind == TOKEN_LITERAL || t.kind == TOKEN_BAD ||
                   (t.kind == TOKEN_SPECIAL && t.special != '.');
        if (t.kind == TOKEN_BAD)
            break;
    }
    return m;
}

// Appends a text as a phrase: as it stands where it is one, else in quotes.
static void put_phrase(struct buf *out, struct span text)
{
    struct makeup m = look_at(text);
    if (!m.other && (!m.dot || m.delicate))
        buf_put_span(out, text);
    else
        phrase_put(out, text, NAME_COLUMN);
}

// ---- The comment behind a mailbox

static bool is_space(char c)
{
    return text_is_blank(c) || c == '\n';
}

// What stands between the parentheses at the start of the text; empty where they do not close.
static struct span inside(struct span text)
{
    size_t depth = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\\')
            i++;
        else if (text.p[i] == '(')
            depth++;
        else if (text.p[i] == ')' && --depth == 0)
            return (struct span){text.p + 1, i - 1};
    }
    return (struct span){NULL, 0};
}

static struct span comment_behind(struct span body, struct span source)
{
    const char *end = body.p + body.n;
    const char *p = source.p + source.n;
    while (p < end && (is_space(*p) || *p == '>'))
        p++;
    return p < end && *p == '(' ? inside((struct span){p, (size_t)(end - p)})
                                : (struct span){NULL, 0};
}

// Appends a comment's text as a phrase, its escapes undone.
static void put_comment(struct buf *out, struct span comment)
{
    struct buf text = BUF_INIT(comment.n);
    for (size_t i = 0; i < comment.n; i++) {
        if (comment.p[i] == '\\' && i + 1 < comment.n)
            i++;
        buf_putc(&text, comment.p[i]);
    }
    put_phrase(out, span_trim(buf_span(&text)));
    buf_free(&text);
}

// ---- The field

static size_t column(const struct buf *out)
{
    const char *lf = out->n ? memrchr(out->p, '\n', out->n) : NULL;
    return lf ? (size_t)(out->p + out->n - lf) - 1 : out->n;
}

void author_put(struct buf *out, struct span name, struct span mailbox)
{
    buf_put_span(out, name);
    if (name.n && column(out) + 3 + mailbox.n > PHRASE_LINE_MAX)
        buf_putc(out, '\n');
    buf_puts(out, name.n ? " <" : "");
    buf_put_span(out, mailbox);
    buf_puts(out, name.n ? ">" : "");
}

static void put_name(struct buf *out, struct span body, const struct address *one)
{
    struct span comment = comment_behind(body, one->source);
    if (one->name.n)
        put_phrase(out, one->name);
    else if (comment.n)
        put_comment(out, comment);
    else if (one->bare)
        put_phrase(out, one->mailbox);
}

static void take_first(struct author *a, struct span body, const struct address *one)
{
    a->source = one->source;
    buf_put_span(&a->mailbox, one->mailbox);
    put_name(&a->name, body, one);
    a->lone = !one->bare && !one->grouped && !look_at(one->name).at &&
              (one->name.n || a->name.n == 0);
}

static void add_full(struct author *a, struct span body, const struct address *one,
                     struct span own)
{
    struct buf name = BUF_INIT(FIXUP_MAX);
    put_name(&name, body, one);
    buf_puts(&a->full, a->full.n ? ",\n " : "");
    author_put(&a->full, buf_span(&name), one->mailbox);
    a->foreign |= !envelope_same(one->mailbox, own);
    buf_free(&name);
}

// Nothing in it is believed but words among which no address can hide.
static void take_broken(struct author *a, struct span body)
{
    body = span_trim(body);
    buf_clear(&a->mailbox);
    buf_clear(&a->name);
    buf_clear(&a->full);
    a->lone = a->foreign = false;
    if (!look_at(body).other)
        put_phrase(&a->name, body);
}

void author_read(struct author *a, struct span body, struct span own)
{
    struct address_list l;
    struct address one;
    enum address_answer answer;
    *a = (struct author){.mailbox = BUF_INIT(ENVELOPE_ADDRESS_MAX),
                         .name = BUF_INIT(FIXUP_MAX),
                         .full = BUF_INIT(FIXUP_MAX)};
    address_init(&l, body, true);
    for (size_t n = 0; (answer = address_next(&l, &one)) == ADDRESS_ONE; n++) {
        if (n == 0)
            take_first(a, body, &one);
        else
            a->lone = false;
        if (!one.bare)
            add_full(a, body, &one, own);
    }
    if (answer == ADDRESS_BAD || a->mailbox.n == 0)
        take_broken(a, body);
    address_free(&l);
}

void author_free(struct author *a)
{
    buf_free(&a->mailbox);
    buf_free(&a->name);
    buf_free(&a->full);
}
