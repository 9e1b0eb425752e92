// SPDX-License-Identifier: ISC
#include "message/aliases.h"

#include <stdint.h>
#include <string.h>

#include "message/address.h"
#include "message/envelope.h"
#include "message/token.h"

enum {
    VALUE_MAX = 8192, // octets of a value
    SHOWN_MAX = 100,  // octets of a name or value that a complaint repeats
    PATH_SHOWN_MAX = 4096,
    SLOTS_FIRST = 64,
};

// ---- Names

// The octets that a local part means, be it written as an atom or in quotes.
struct local {
    struct span rest;
    bool quoted;
};

static struct local local_of(struct span s)
{
    bool quoted = s.n && s.p[0] == '"';
    return (struct local){{s.p + quoted, s.n - quoted}, quoted};
}

// The next one in lower case, or -1 behind the last.
static int next_of_local(struct local *l)
{
    struct span *rest = &l->rest;
    if (rest->n == 0 || (l->quoted && rest->p[0] == '"'))
        return -1;
    if (l->quoted && rest->p[0] == '\\' && rest->n > 1)
        rest->p++, rest->n--;
    rest->n--;
    return (unsigned char)text_lower(*rest->p++);
}

static bool is_same_name(struct span a, struct span b)
{
    struct local x = local_of(a), y = local_of(b);
    int c;
    while ((c = next_of_local(&x)) == next_of_local(&y))
        if (c < 0)
            return true;
    return false;
}

// FNV-1a; never 0.
static uint32_t hash(struct span name)
{
    struct local l = local_of(name);
    uint32_t h = 2166136261U;
    for (int c; (c = next_of_local(&l)) >= 0;)
        h = (h ^ (uint32_t)c) * 16777619U;
    return h ? h : 1;
}

// The name in quotes that the line begins with, up to and with the second quote; 0 octets
// where there is none.
static size_t quoted_length(struct span line)
{
    for (size_t i = 1; i < line.n; i++) {
        if (line.p[i] == '"')
            return i + 1;
        if (line.p[i] == '\\')
            i++;
    }
    return 0;
}

// Finds "name:" at the start of a line: what of it is the name, and how much of it stands
// before the values. NULL, or the reason why there is none.
static const char *find_name(struct span line, struct span *name, size_t *behind)
{
    bool quoted = line.p[0] == '"';
    size_t at = quoted ? quoted_length(line) : 0;
    if (quoted && !at)
        return "unbalanced quotes";
    const char *colon = memchr(line.p + at, ':', line.n - at);
    if (!colon)
        return "no colon behind the name";
    *behind = (size_t)(colon - line.p) + 1;
    *name = span_trim((struct span){line.p, *behind - 1});
    if (quoted && name->n != at)
        return "no colon behind the name";
    return NULL;
}

static const char *judge_name(struct span name)
{
    bool quoted = name.n && name.p[0] == '"';
    if (name.n == 0 || (quoted && name.n == 2))
        return "no name before the colon";
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (text_is_control(c))
            return "control character in the name";
        if (!quoted && c == '@')
            return "a name with a domain is never looked up";
        if (!quoted && c != '.' && !token_is_atext(c))
            return "not a name, unless it is put in quotes";
    }
    return NULL;
}

// ---- Entries

// All that is kept of an entry, so that a large file is read fast.
struct mark {
    uint32_t at; // where it begins in the text
    uint32_t line;
    uint32_t hash; // of its name; 0 where no name was found
    uint32_t first;
};

static struct mark *marks_of(const struct aliases *a)
{
    return (struct mark *)(void *)a->marks.p;
}

static struct span line_at(struct span text, size_t at)
{
    struct span rest = {text.p + at, text.n - at}, line;
    (void)span_cut(&rest, '\n', &line);
    return line;
}

struct alias aliases_entry(const struct aliases *a, size_t i)
{
    const struct mark *m = marks_of(a) + i;
    size_t end = i + 1 < aliases_count(a) ? m[1].at : a->text.n, behind = 0;
    struct alias e = {.line = m->line, .first = m->first};
    struct span line = line_at(a->text, m->at);
    if (text_is_blank(line.p[0]))
        e.reason = "goes on with nothing";
    else
        e.reason = find_name(line, &e.name, &behind);
    if (!e.reason)
        e.reason = judge_name(e.name);
    behind += m->at;
    e.list = (struct span){a->text.p + behind, end - behind};
    return e;
}

// The slot of the entry with that name, or the free one where it would stand.
static uint32_t *find_slot(const struct aliases *a, struct span name, uint32_t h)
{
    uint32_t *slots = (uint32_t *)(void *)a->slots.p;
    size_t count = a->slots.n / sizeof *slots;
    for (size_t i = h % count;; i = (i + 1) % count) {
        if (!slots[i])
            return &slots[i];
        if (marks_of(a)[slots[i] - 1].hash != h)
            continue;
        struct alias e = aliases_entry(a, slots[i] - 1);
        if (!e.reason && is_same_name(e.name, name))
            return &slots[i];
    }
}

// Keeps at least half of the table free.
static void grow_slots(struct aliases *a)
{
    size_t count = a->slots.n / sizeof(uint32_t);
    if (count && a->used < count / 2)
        return;
    count = count ? count * 2 : SLOTS_FIRST;
    buf_clear(&a->slots);
    uint32_t *slots = (uint32_t *)(void *)buf_room(&a->slots, count * sizeof(uint32_t));
    if (!slots)
        return;
    memset(slots, 0, count * sizeof(uint32_t));
    buf_grew(&a->slots, count * sizeof(uint32_t));
    for (uint32_t i = 0; i < aliases_count(a); i++) {
        const struct mark *m = marks_of(a) + i;
        size_t at = m->hash % count;
        if (!m->hash || m->first != i)
            continue;
        while (slots[at])
            at = (at + 1) % count;
        slots[at] = i + 1;
    }
}

static void add_entry(struct aliases *a, struct span line, uint32_t number)
{
    uint32_t self = (uint32_t)aliases_count(a);
    struct mark m = {
        .at = (uint32_t)(line.p - a->text.p),
        .line = number,
        .first = self,
    };
    struct span name;
    size_t behind;
    if (!text_is_blank(line.p[0]) && !find_name(line, &name, &behind)) {
        m.hash = hash(name);
        grow_slots(a);
        uint32_t *slot = find_slot(a, name, m.hash);
        if (*slot) {
            m.first = *slot - 1;
        } else {
            *slot = self + 1;
            a->used++;
        }
    }
    buf_put(&a->marks, &m, sizeof m);
}

// Whether the line is gone on with although the next one does not begin with a blank.
static bool ends_in_backslash(struct span line)
{
    if (line.n == 0 || line.p[line.n - 1] != '\\')
        return false;
    for (size_t i = 1; i < line.n; i++)
        if (line.p[i] == '#' && text_is_blank(line.p[i - 1]))
            return false;
    return true;
}

void aliases_init(struct aliases *a, struct span text)
{
    struct span rest = text, line;
    bool joined = false;
    *a = (struct aliases){
        .text = text,
        .marks = BUF_INIT(ALIASES_TEXT_MAX * sizeof(struct mark)),
        .slots = BUF_INIT(ALIASES_TEXT_MAX * sizeof(uint32_t) * 4),
    };
    for (uint32_t number = 1; span_cut(&rest, '\n', &line); number++) {
        if (line.n && line.p[line.n - 1] == '\r')
            line.n--;
        struct span words = line.n && text_is_blank(line.p[0]) ? span_trim(line) : line;
        bool goes_on = joined || words.p != line.p;
        bool comment = words.n && words.p[0] == '#';
        joined = !comment && ends_in_backslash(line);
        if (words.n && !comment && (!goes_on || aliases_count(a) == 0))
            add_entry(a, line, number);
    }
}

void aliases_free(struct aliases *a)
{
    buf_free(&a->marks);
    buf_free(&a->slots);
    a->used = 0;
}

size_t aliases_count(const struct aliases *a)
{
    return a->marks.n / sizeof(struct mark);
}

bool aliases_find(const struct aliases *a, struct span mailbox, size_t *which)
{
    if (a->used == 0)
        return false;
    const uint32_t *slot = find_slot(a, mailbox, hash(mailbox));
    if (*slot)
        *which = *slot - 1;
    return *slot != 0;
}

// ---- Values

void alias_reader_init(struct alias_reader *r, const struct alias *entry)
{
    *r = (struct alias_reader){
        .rest = entry->list,
        .line = entry->line,
        .text = BUF_INIT(VALUE_MAX),
        .mailbox = BUF_INIT(ENVELOPE_ADDRESS_MAX),
    };
}

void alias_reader_free(struct alias_reader *r)
{
    buf_free(&r->text);
    buf_free(&r->mailbox);
}

// What stands there of "LF" and "CRLF", in octets.
static size_t end_of_line(struct span s)
{
    if (s.n && s.p[0] == '\n')
        return 1;
    return s.n > 1 && s.p[0] == '\r' && s.p[1] == '\n' ? 2 : 0;
}

// The next octet, with line ends and comments a blank. There is one at least.
static char next_octet(struct alias_reader *r, bool enclosed)
{
    struct span *rest = &r->rest;
    char c = rest->p[0];
    size_t used = end_of_line(*rest), joint = 0;
    if (c == '\\')
        joint = end_of_line((struct span){rest->p + 1, rest->n - 1});
    if (used || joint) {
        r->line++;
        used = joint ? joint + 1 : used;
        c = ' ';
    } else if (c == '#' && r->blank && !enclosed) {
        const char *end = memchr(rest->p, '\n', rest->n);
        used = end ? (size_t)(end - rest->p) : rest->n;
        c = ' ';
    } else {
        used = 1;
    }
    rest->p += used;
    rest->n -= used;
    r->blank = text_is_blank(c);
    return c;
}

// Reads what stands before the next comma, or the end, into r->text. A comma in quotes, in a
// comment of RFC 5322 or in angle brackets ends nothing.
static void take_value(struct alias_reader *r)
{
    bool quoted = false, angle = false;
    unsigned depth = 0;
    while (r->rest.n) {
        char c = next_octet(r, quoted || depth);
        if (c == ',' && !quoted && !depth && !angle)
            return;
        buf_putc(&r->text, c);
        if (c == '\\' && (quoted || depth) && r->rest.n)
            buf_putc(&r->text, next_octet(r, true));
        else if (c == '"' && !depth)
            quoted = !quoted;
        else if (c == '(' && !quoted)
            depth++;
        else if (c == ')' && !quoted && depth)
            depth--;
        else if ((c == '<' || c == '>') && !quoted && !depth)
            angle = c == '<';
    }
}

// What is no address, told by how it begins, in quotes or without. `s` is not empty.
static bool is_refused(struct alias_value *v, struct span s)
{
    static const struct {
        struct span begins;
        enum alias_kind kind;
        const char *reason;
    } forms[] = {
        {SPAN_INIT("|"), ALIAS_PIPE, "programs are not run"},
        {SPAN_INIT("/"), ALIAS_FILE, "files are not written"},
        {SPAN_INIT(":include:"), ALIAS_INCLUDE, "includes are not read"},
    };
    if (s.p[0] == '"')
        s.p++, s.n--;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (span_starts_nocase(s, forms[i].begins)) {
            v->kind = forms[i].kind;
            v->reason = forms[i].reason;
            return true;
        }
    }
    return false;
}

static void read_mailbox(struct alias_reader *r, struct alias_value *v)
{
    struct span text = v->text;
    if (text.p[0] == '\\') {
        v->kind = ALIAS_FINAL;
        text.p++, text.n--;
    }
    v->reason = r->text.over ? "too long" : address_path(&r->mailbox, text);
    if (!v->reason && r->mailbox.n == 0)
        v->reason = "not an address";
    struct span mailbox = buf_span(&r->mailbox);
    if (v->reason)
        v->kind = ALIAS_BAD;
    else if (!address_is_bare(mailbox) || !is_refused(v, mailbox)) // "(a comment) |program"
        v->mailbox = mailbox;
}

// Whether nothing but a blank, a line end or a comment begins here.
static bool is_gap(const struct alias_reader *r)
{
    struct span s = r->rest;
    if (s.n == 0)
        return false;
    if (s.p[0] == '\\')
        s.p++, s.n--;
    else if (text_is_blank(s.p[0]) || (s.p[0] == '#' && r->blank))
        return true;
    return end_of_line(s) > 0;
}

bool alias_reader_next(struct alias_reader *r, struct alias_value *v)
{
    *v = (struct alias_value){.kind = ALIAS_MAILBOX};
    buf_clear(&r->mailbox);
    while (v->text.n == 0) {
        buf_clear(&r->text);
        while (is_gap(r))
            (void)next_octet(r, false);
        if (r->rest.n == 0)
            return false;
        v->line = r->line;
        take_value(r);
        v->text = span_trim(buf_span(&r->text));
    }
    if (!is_refused(v, v->text))
        read_mailbox(r, v);
    return true;
}

void alias_blame(struct buf *out, const char *file, unsigned line, struct span name,
                 struct span value, const char *reason)
{
    const struct span things[] = {name, value};
    text_clean(out, span_of(file), PATH_SHOWN_MAX);
    buf_printf(out, ":%u: ", line);
    for (size_t i = 0; i < 2; i++) {
        text_clean(out, things[i], SHOWN_MAX);
        buf_puts(out, things[i].n > SHOWN_MAX ? "...: " : things[i].n ? ": " : "");
    }
    buf_puts(out, reason);
}
