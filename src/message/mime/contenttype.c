// SPDX-License-Identifier: ISC
#include "message/mime/contenttype.h"

#include <string.h>

#include "message/token.h"

void contenttype_init(struct contenttype *t)
{
    *t = (struct contenttype){.boundary = BUF_INIT(CONTENTTYPE_BOUNDARY_MAX)};
}

void contenttype_free(struct contenttype *t)
{
    buf_free(&t->boundary);
}

// Appends a token of a value: a quoted string without its quotes, escapes and foldings.
static void put_value(struct buf *out, const struct token *t)
{
    if (t->kind != TOKEN_QUOTED) {
        buf_put_span(out, t->text);
        return;
    }
    for (size_t i = 1; i + 1 < t->text.n; i++) {
        if (t->text.p[i] == '\\' && i + 2 < t->text.n)
            i++;
        if (t->text.p[i] != '\n')
            buf_putc(out, t->text.p[i]);
    }
}

// Takes the token for the rest of a value, which ends with what stands apart from it, or with
// ';'. What no token may hold, readers take as it stands.
static void read_value(struct token_reader *r, struct buf *out)
{
    for (;;) {
        char next = r->at < r->text.n ? r->text.p[r->at] : '\n';
        if (next == ';' || next == '(' || next == '\n' || text_is_blank(next))
            return;
        struct token t = token_next(r);
        if (t.kind == TOKEN_BAD)
            t.text = (struct span){r->text.p + r->at++, 1};
        put_value(out, &t);
    }
}

// Steps behind the next ';'. False where there is none.
static bool next_parameter(struct token_reader *r)
{
    for (;;) {
        struct token t = token_next(r);
        if (t.kind == TOKEN_END)
            return false;
        if (t.special == ';')
            return true;
        if (t.kind == TOKEN_BAD) {
            if (r->at >= r->text.n)
                return false;
            r->at++;
        }
    }
}

static void read_boundary(struct contenttype *t, struct token_reader *r)
{
    while (next_parameter(r)) {
        size_t before = r->at;
        struct token name = token_next(r);
        struct span key, value = name.text;
        // "boundary=x" is one atom; blanks round the "=" are wrong, and seen.
        if (name.kind == TOKEN_ATOM && span_cut(&value, '=', &key) &&
            span_equal_nocase(key, SPAN("boundary"))) {
            if (!value.p) {
                value = token_next(r).text;
                if (value.n == 0 || value.p[0] != '=')
                    continue;
                value.p++, value.n--;
            }
            buf_put_span(&t->boundary, value);
            while (value.n == 0 && r->at < r->text.n && text_is_blank(r->text.p[r->at]))
                r->at++;
            read_value(r, &t->boundary);
            return;
        }
        r->at = before;
    }
}

void contenttype_read(struct contenttype *t, struct span body)
{
    struct token_reader r = {.text = body, .folded = true};
    struct token type = token_next(&r);
    t->name[0] = '\0';
    buf_clear(&t->boundary);
    if (type.kind != TOKEN_ATOM || type.text.n > CONTENTTYPE_NAME_MAX ||
        !memchr(type.text.p, '/', type.text.n))
        return;
    for (size_t i = 0; i < type.text.n; i++)
        t->name[i] = text_lower(type.text.p[i]);
    t->name[type.text.n] = '\0';
    read_boundary(t, &r);
    while (t->boundary.n && t->boundary.p[t->boundary.n - 1] == ' ')
        buf_cut(&t->boundary, t->boundary.n - 1);
    if (t->boundary.over)
        buf_clear(&t->boundary);
}

enum contenttype_encoding contenttype_encoding(struct span body)
{
    static const struct {
        struct span name;
        enum contenttype_encoding encoding;
    } known[] = {
        {SPAN_INIT("7bit"), CONTENTTYPE_7BIT},
        {SPAN_INIT("8bit"), CONTENTTYPE_8BIT},
        {SPAN_INIT("binary"), CONTENTTYPE_BINARY},
        {SPAN_INIT("quoted-printable"), CONTENTTYPE_QP},
        {SPAN_INIT("base64"), CONTENTTYPE_BASE64},
    };
    struct token_reader r = {.text = body, .folded = true};
    struct token t = token_next(&r);
    if (t.kind == TOKEN_END)
        return CONTENTTYPE_7BIT;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (t.kind == TOKEN_ATOM && span_equal_nocase(t.text, known[i].name))
            return known[i].encoding;
    return CONTENTTYPE_OTHER;
}
