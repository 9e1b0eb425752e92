// SPDX-License-Identifier: ISC
#include "smtp/body.h"

#include <string.h>

void body_init(struct body *b, bool dots)
{
    *b = (struct body){.dots = dots};
}

static void put_break(struct body *b, struct buf *out)
{
    buf_put(out, "\r\n", 2);
    b->inside = false;
}

// Octets of a line: no CR, no LF, no NUL.
static void put_text(struct body *b, struct buf *out, const char *p, size_t n)
{
    if (n == 0)
        return;
    if (!b->inside && b->dots && p[0] == '.')
        buf_putc(out, '.');
    buf_put(out, p, n);
    b->inside = true;
}

// Octets without LF.
static void put_piece(struct body *b, struct buf *out, const char *p, size_t n)
{
    if (n == 0)
        return;
    b->after_cr = false;
    if (!memchr(p, '\r', n) && (b->binary || !memchr(p, '\0', n))) {
        put_text(b, out, p, n);
        return;
    }
    size_t from = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] != '\r' && (b->binary || p[i] != '\0'))
            continue;
        put_text(b, out, p + from, i - from);
        from = i + 1;
        if (p[i] == '\r')
            put_break(b, out);
        else
            put_text(b, out, "?", 1);
    }
    put_text(b, out, p + from, n - from);
    b->after_cr = p[n - 1] == '\r';
}

void body_encode(struct body *b, struct buf *out, const char *p, size_t n)
{
    while (n) {
        const char *lf = memchr(p, '\n', n);
        size_t piece = lf ? (size_t)(lf - p) : n;
        put_piece(b, out, p, piece);
        if (lf) {
            if (!b->after_cr)
                put_break(b, out);
            b->after_cr = false;
            piece++;
        }
        p += piece;
        n -= piece;
    }
}

void body_end(struct body *b, struct buf *out)
{
    if (b->inside)
        put_break(b, out);
    if (b->dots)
        buf_put(out, ".\r\n", 3);
}
