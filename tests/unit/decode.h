// SPDX-License-Identifier: ISC
// Decoders of Content-Transfer-Encodings, plain and lenient, for tests and fuzz targets: what
// our encoders have to be undone by.
#ifndef TESTS_UNIT_DECODE_H
#define TESTS_UNIT_DECODE_H

#include <stdint.h>
#include <string.h>

#include "base/buf.h"

static inline int decode_hex(char c)
{
    const char *digits = "0123456789ABCDEF0123456789abcdef";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) % 16 : -1;
}

// With LF as line ends; blanks at the end of a line are no part of it.
static inline void decode_qp(struct buf *out, struct span text)
{
    size_t blanks = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '\n')
            buf_cut(out, out->n - blanks);
        if (c == '=') {
            size_t end = i + 1;
            while (end < text.n && text_is_blank(text.p[end]))
                end++;
            if (end == text.n || text.p[end] == '\n') {
                i = end;
                blanks = 0;
                continue;
            }
            if (i + 2 < text.n && decode_hex(text.p[i + 1]) >= 0 &&
                decode_hex(text.p[i + 2]) >= 0) {
                buf_putc(out,
                         (char)(decode_hex(text.p[i + 1]) * 16 + decode_hex(text.p[i + 2])));
                i += 2;
                blanks = 0;
                continue;
            }
        }
        buf_putc(out, c);
        blanks = text_is_blank(c) ? blanks + 1 : 0;
    }
    buf_cut(out, out->n - blanks);
}

// What is not of the alphabet means nothing.
static inline void decode_base64(struct buf *out, struct span text)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    unsigned n = 0;
    for (size_t i = 0; i < text.n; i++) {
        const char *at = text.p[i] ? strchr(alphabet, text.p[i]) : NULL;
        if (!at)
            continue;
        bits = bits << 6 | (uint32_t)(at - alphabet);
        if (++n == 4)
            n = 0;
        if (n != 1)
            buf_putc(out, (char)(bits >> (n == 2 ? 4 : n == 3 ? 2 : 0)));
    }
}

// CRLF as LF.
static inline void decode_ends(struct buf *b)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++)
        if (!(b->p[i] == '\r' && i + 1 < b->n && b->p[i + 1] == '\n'))
            b->p[n++] = b->p[i];
    buf_cut(b, n);
}

#endif
