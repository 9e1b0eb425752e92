// SPDX-License-Identifier: ISC
#include "message/header.h"

#include <string.h>

void header_init(struct header *h)
{
    *h = (struct header){.text = BUF_INIT(HEADER_MAX)};
}

void header_free(struct header *h)
{
    buf_free(&h->text);
    header_init(h);
}

size_t field_name(struct span line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] > ' ' && line.p[n] < 0x7f && line.p[n] != ':')
        n++;
    size_t colon = n;
    while (colon < line.n && text_is_blank(line.p[colon]))
        colon++;
    return colon < line.n && line.p[colon] == ':' ? n : 0;
}

static bool is_from_line(struct span line)
{
    while (line.n && line.p[0] == '>')
        line.p++, line.n--;
    return line.n >= 5 && memcmp(line.p, "From ", 5) == 0;
}

// Appends a line, or a piece of one, without what no line of a header may hold.
static void take_line(struct buf *text, struct span line, bool whole)
{
    if (whole)
        line.n--;
    while (whole && line.n && line.p[line.n - 1] == '\r')
        line.n--;
    size_t start = text->n;
    buf_put_span(text, line);
    if (text->over)
        return;
    for (size_t i = start; i < text->n; i++)
        if (text->p[i] == '\0')
            text->p[i] = '?';
        else if (text->p[i] == '\r')
            text->p[i] = ' ';
    if (whole)
        buf_putc(text, '\n');
}

static bool is_blank_line(struct span line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] == '\r')
        n++;
    return n < line.n && line.p[n] == '\n';
}

enum header_answer header_push(struct header *h, struct span line)
{
    bool whole = line.n && line.p[line.n - 1] == '\n';
    if (!h->open) {
        bool first = h->text.n == 0;
        if (line.n == 0 || is_blank_line(line))
            return HEADER_DONE;
        h->skip = false;
        if (field_name(line) == 0) {
            h->skip = first && is_from_line(line);
            if (!h->skip && (first || !text_is_blank(line.p[0])))
                return HEADER_BODY;
        }
    }
    h->open = !whole;
    if (!h->skip)
        take_line(&h->text, line, whole);
    return h->text.over ? HEADER_LONG : HEADER_MORE;
}

bool field_next(struct span *text, struct field *f)
{
    if (text->n == 0)
        return false;
    const char *end = text->p + text->n;
    const char *stop = text->p;
    do {
        const char *lf = memchr(stop, '\n', (size_t)(end - stop));
        stop = lf ? lf + 1 : end;
    } while (stop < end && text_is_blank(*stop));

    f->raw = (struct span){text->p, (size_t)(stop - text->p)};
    f->name = (struct span){text->p, field_name(f->raw)};
    const char *colon = memchr(text->p, ':', f->raw.n);
    f->body = colon ? (struct span){colon + 1, (size_t)(stop - colon) - 1}
                    : (struct span){stop, 0};
    *text = (struct span){stop, text->n - f->raw.n};
    return true;
}
