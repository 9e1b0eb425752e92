// SPDX-License-Identifier: ISC
#include "message/address.h"

#include <string.h>

#include "message/envelope.h"

static const char missing_comma[] = "missing comma";

void address_init(struct address_list *l, struct span text, bool folded)
{
    *l = (struct address_list){
        .reader = {.text = text.p ? text : SPAN(""), .folded = folded},
        .local = BUF_INIT(ENVELOPE_ADDRESS_MAX),
        .mailbox = BUF_INIT(ENVELOPE_ADDRESS_MAX),
    };
}

void address_free(struct address_list *l)
{
    buf_free(&l->local);
    buf_free(&l->mailbox);
    address_init(l, (struct span){NULL, 0}, false);
}

static bool is_special(struct token t, char c)
{
    return t.kind == TOKEN_SPECIAL && t.special == c;
}

// Whether the token ends a member of a list.
static bool is_member_end(struct token t)
{
    return t.kind == TOKEN_END || is_special(t, ',') || is_special(t, ';');
}

// ---- The mailbox: local part and domain, out of the tokens of an addr-spec

static bool refuse(struct address_list *l, const char *reason)
{
    if (!l->reason)
        l->reason = reason;
    return false;
}

// The reader knows better what is wrong with a token that it could not read.
static bool refuse_token(struct address_list *l, struct token t, const char *reason)
{
    return refuse(l, t.kind == TOKEN_BAD ? l->reader.reason : reason);
}

// Appends what stands between the quotes: foldings and escapes undone.
static void put_unquoted(struct buf *out, struct span quoted)
{
    for (size_t i = 1; i + 1 < quoted.n; i++) {
        if (quoted.p[i] == '\\')
            i++;
        if (quoted.p[i] != '\n')
            buf_putc(out, quoted.p[i]);
    }
}

static void step(struct address_list *l, struct token *t)
{
    l->used = l->reader.at;
    *t = token_next(&l->reader);
}

// Reads a local part whose first token is *t; *t is then the token behind it.
static bool take_local(struct address_list *l, struct token *t)
{
    bool word = false; // the last token was one
    bool words = false;
    buf_clear(&l->local);
    for (;; step(l, t)) {
        bool is_word = t->kind == TOKEN_ATOM || t->kind == TOKEN_QUOTED;
        if (is_word && word)
            return refuse(l, missing_comma);
        if (t->kind == TOKEN_ATOM)
            buf_put_span(&l->local, t->text);
        else if (t->kind == TOKEN_QUOTED)
            put_unquoted(&l->local, t->text);
        else if (is_special(*t, '.'))
            buf_putc(&l->local, '.');
        else
            break;
        word = is_word;
        words = words || is_word;
    }
    if (t->kind == TOKEN_BAD)
        return refuse(l, l->reader.reason);
    if (t->kind == TOKEN_ENCODED || t->kind == TOKEN_LITERAL)
        return refuse(l, word ? missing_comma : "not an address");
    return words || refuse(l, "no local part");
}

static bool is_dot_atom(struct span s)
{
    char last = '.';
    for (size_t i = 0; i < s.n; last = s.p[i++])
        if (s.p[i] == '.' ? last == '.' : !token_is_atext(s.p[i]))
            return false;
    return last != '.';
}

static void put_local(struct buf *out, struct span local)
{
    if (is_dot_atom(local)) {
        buf_put_span(out, local);
        return;
    }
    buf_putc(out, '"');
    for (size_t i = 0; i < local.n; i++) {
        if (local.p[i] == '"' || local.p[i] == '\\')
            buf_putc(out, '\\');
        buf_putc(out, local.p[i]);
    }
    buf_putc(out, '"');
}

// Appends a domain literal without the blanks that may be in it. False where it is none.
static bool put_literal(struct buf *out, struct span literal)
{
    size_t start = out->n;
    for (size_t i = 0; i < literal.n; i++) {
        char c = literal.p[i];
        if (text_is_blank(c) || c == '\n')
            continue;
        if (c <= ' ' || c >= 0x7f || c == '\\' || (c == '[' && i > 0))
            return false;
        buf_putc(out, c);
    }
    return out->over || out->n > start + 2;
}

// Letters, digits, hyphens and what is not ASCII (RFC 6531); "_" for the hosts that have it.
static bool is_label(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!text_is_alnum(s.p[i]) && (unsigned char)s.p[i] < 128 && s.p[i] != '-' &&
            s.p[i] != '_')
            return false;
    return true;
}

// Reads the domain behind an '@' and appends it to the mailbox; *t is then the token behind it.
// A dot at its end is dropped.
static bool take_domain(struct address_list *l, struct token *t)
{
    size_t start = l->mailbox.n;
    bool good = true;
    step(l, t);
    if (t->kind == TOKEN_LITERAL) {
        good = put_literal(&l->mailbox, t->text);
        step(l, t);
    } else {
        while (good && t->kind == TOKEN_ATOM) {
            if (l->mailbox.n > start)
                buf_putc(&l->mailbox, '.');
            buf_put_span(&l->mailbox, t->text);
            good = is_label(t->text);
            step(l, t);
            if (!is_special(*t, '.'))
                break;
            step(l, t);
        }
        good = good && (l->mailbox.over || l->mailbox.n > start);
    }
    if (!good || is_special(*t, '.'))
        return refuse_token(l, *t, "bad domain");
    return l->mailbox.n - start <= ADDRESS_DOMAIN_MAX || refuse(l, "domain too long");
}

// No control characters, those above 127 included, and only UTF-8.
static const char *unsound(struct span mailbox)
{
    while (mailbox.n) {
        size_t n = text_utf8(mailbox);
        if (n == 0)
            return "not UTF-8";
        if (text_is_control(mailbox.p[0]) || (n == 2 && (unsigned char)mailbox.p[0] == 0xc2 &&
                                              (unsigned char)mailbox.p[1] < 0xa0))
            return "control character";
        mailbox.p += n;
        mailbox.n -= n;
    }
    return NULL;
}

// Reads local part and domain, from the token *t on; *t is then the token behind them.
static bool take_mailbox(struct address_list *l, struct token *t, struct address *a)
{
    buf_clear(&l->mailbox);
    if (!take_local(l, t))
        return false;
    put_local(&l->mailbox, buf_span(&l->local));
    a->bare = !is_special(*t, '@');
    if (!a->bare) {
        buf_putc(&l->mailbox, '@');
        if (!take_domain(l, t))
            return false;
    }
    if (l->local.over || l->mailbox.over)
        return refuse(l, "address too long");
    a->mailbox = buf_span(&l->mailbox);
    const char *reason = unsound(a->mailbox);
    return !reason || refuse(l, reason);
}

// ---- The list: members, groups and what stands around a mailbox

static struct span since(const struct address_list *l, struct token first)
{
    return (struct span){first.text.p, (size_t)(l->reader.text.p + l->used - first.text.p)};
}

// Reads "@a,@b:", which is read and forgotten (RFC 5322, 4.4; RFC 5321, C).
static bool take_route(struct address_list *l, struct token *t)
{
    while (is_special(*t, ',') || is_special(*t, '@')) {
        buf_clear(&l->mailbox);
        if (is_special(*t, ','))
            step(l, t);
        else if (!take_domain(l, t))
            return false;
    }
    if (!is_special(*t, ':'))
        return refuse_token(l, *t, "bad route");
    step(l, t);
    return true;
}

// Reads what stands behind a '<'; *t is then the token behind the '>'.
static bool take_angle(struct address_list *l, struct token *t, struct address *a)
{
    step(l, t);
    struct token first = *t;
    if (is_special(*t, '>'))
        return refuse(l, "empty address");
    if ((is_special(*t, '@') || is_special(*t, ',')) && !take_route(l, t))
        return false;
    if (!take_mailbox(l, t, a))
        return false;
    a->source = since(l, first);
    if (!is_special(*t, '>'))
        return refuse_token(l, *t, "unbalanced angle bracket");
    step(l, t);
    return true;
}

// What stands before an angle bracket, a colon or the end of a member.
struct phrase {
    struct span text;
    size_t start;     // where the reader was before it
    bool at;          // an '@' is in it
    struct token end; // the token behind it
};

static void scan_phrase(struct address_list *l, struct phrase *phrase)
{
    struct token first = {.kind = TOKEN_END};
    *phrase = (struct phrase){.start = l->reader.at};
    for (;;) {
        struct token t;
        step(l, &t);
        phrase->end = t;
        if (is_member_end(t) || t.kind == TOKEN_BAD || is_special(t, '<') ||
            is_special(t, '>') || is_special(t, ':'))
            break;
        phrase->at = phrase->at || is_special(t, '@');
        if (first.kind == TOKEN_END)
            first = t;
    }
    if (first.kind != TOKEN_END)
        phrase->text = since(l, first);
}

static bool open_group(struct address_list *l, const struct phrase *phrase)
{
    if (l->in_group)
        return refuse(l, "group within a group");
    if (phrase->text.n == 0 || phrase->at)
        return refuse(l, "stray colon");
    l->in_group = true;
    l->group_used = false;
    return true;
}

// Reads the address that the phrase is, or stands in front of. *t is then the token behind.
static bool take_member(struct address_list *l, const struct phrase *phrase, struct token *t,
                        struct address *a)
{
    *a = (struct address){.grouped = l->in_group};
    l->group_used = true;
    if (is_special(phrase->end, '<')) {
        a->name = phrase->text;
        if (!take_angle(l, t, a))
            return false;
        // An address as display name of another one may be a forgotten comma.
        if (phrase->at && !span_equal_nocase(a->name, a->source))
            return refuse(l, missing_comma);
    } else {
        l->reader.at = phrase->start;
        step(l, t);
        struct token first = *t;
        if (!take_mailbox(l, t, a))
            return false;
        a->source = since(l, first);
    }
    if (is_member_end(*t))
        return true;
    return refuse_token(l, *t, is_special(*t, '@') ? "more than one @" : missing_comma);
}

// Takes note of the token that ended a member, be it empty.
static bool end_member(struct address_list *l, struct token end)
{
    if (is_special(end, ';')) {
        if (!l->in_group)
            return refuse(l, "stray semicolon");
        l->in_group = false;
        end = token_next(&l->reader);
        if (end.kind != TOKEN_END && !is_special(end, ','))
            return refuse_token(l, end, missing_comma);
    }
    if (end.kind == TOKEN_END && l->in_group && l->group_used)
        return refuse(l, "group is not closed");
    return true;
}

static enum address_answer fail(struct address_list *l, size_t start)
{
    struct span rest = {l->reader.text.p + l->reader.at, l->reader.text.n - l->reader.at};
    const char *comma = rest.n ? memchr(rest.p, ',', rest.n) : NULL;
    const char *end = comma ? comma : rest.p + rest.n;
    const char *begin = l->reader.text.p + start;
    l->bad = span_trim((struct span){begin, (size_t)(end - begin)});
    return ADDRESS_BAD;
}

enum address_answer address_next(struct address_list *l, struct address *a)
{
    if (l->reason)
        return ADDRESS_BAD;
    for (;;) {
        struct phrase phrase;
        scan_phrase(l, &phrase);
        struct token t = phrase.end;
        bool good = true;
        bool angle = is_special(t, '<');
        bool empty = phrase.text.n == 0 && !angle;
        if (t.kind == TOKEN_BAD || is_special(t, '>'))
            good = refuse_token(l, t, "unbalanced angle bracket");
        else if (is_special(t, ':'))
            good = open_group(l, &phrase);
        else
            good = (empty || take_member(l, &phrase, &t, a)) && end_member(l, t);
        if (!good)
            return fail(l, phrase.start);
        if (is_special(t, ':'))
            continue;
        if (!empty)
            return ADDRESS_ONE;
        if (t.kind == TOKEN_END)
            return ADDRESS_END;
    }
}

// ---- One path

static bool is_null_path(struct span text)
{
    return text.n == 0 || span_equal(text, SPAN("<>"));
}

static const char *take_path(struct address_list *l, struct buf *mailbox)
{
    struct address a;
    size_t start = mailbox->n;
    enum address_answer answer = address_next(l, &a);
    if (answer == ADDRESS_ONE && a.grouped)
        return "not an address";
    if (answer == ADDRESS_ONE) {
        buf_put_span(mailbox, a.mailbox);
        answer = address_next(l, &a);
        if (answer == ADDRESS_ONE)
            l->reason = "more than one address";
    } else if (answer == ADDRESS_END) {
        l->reason = "not an address";
    }
    if (l->reason)
        buf_cut(mailbox, start);
    return l->reason;
}

const char *address_path(struct buf *mailbox, struct span text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text_is_control(text.p[i]))
            return "control character";
    text = span_trim(text);
    if (is_null_path(text))
        return NULL;
    struct address_list l;
    address_init(&l, text, false);
    const char *reason = take_path(&l, mailbox);
    address_free(&l);
    return reason;
}

bool address_is_bare(struct span mailbox)
{
    size_t i = 0;
    if (mailbox.n && mailbox.p[0] == '"')
        for (i = 1; i < mailbox.n && mailbox.p[i] != '"'; i++)
            if (mailbox.p[i] == '\\')
                i++;
    return mailbox.n > 0 && (i >= mailbox.n || !memchr(mailbox.p + i, '@', mailbox.n - i));
}

bool address_is_path(struct span mailbox)
{
    bool quoted = false;
    for (size_t i = 0; i < mailbox.n; i++) {
        char c = mailbox.p[i];
        if (text_is_control(c))
            return false;
        if (c == '"')
            quoted = !quoted;
        else if (c == '\\' && quoted && ++i == mailbox.n)
            return false;
        else if (!quoted && (c == ' ' || c == '<' || c == '>' || c == '\\'))
            return false;
    }
    return !quoted;
}
