// SPDX-License-Identifier: ISC
#include "message/mime/recode.h"

#include <stdint.h>
#include <string.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void recode_init(struct recode *r, enum recode_kind kind)
{
    *r = (struct recode){.kind = kind};
}

// ---- Quoted-printable

// Makes room for n columns on the line; one stays free for the "=" of a soft line break.
static void make_room(struct recode *r, struct buf *out, size_t n)
{
    if (r->column + n < RECODE_LINE_MAX)
        return;
    buf_puts(out, "=\n");
    r->column = 0;
}

static void put_hex(struct recode *r, struct buf *out, char c)
{
    static const char digits[] = "0123456789ABCDEF";
    unsigned char octet = (unsigned char)c;
    char text[3] = {'=', digits[octet >> 4], digits[octet & 15]};
    make_room(r, out, sizeof text);
    buf_put(out, text, sizeof text);
    r->column += sizeof text;
}

static void put_plain(struct recode *r, struct buf *out, char c)
{
    make_room(r, out, 1);
    buf_putc(out, c);
    r->column++;
}

// How many octets the UTF-8 sequence has that begins with this one; 1 where none does.
static size_t sequence(unsigned char c)
{
    return c >= 0xf0 && c < 0xf5 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 1;
}

static void put_quoted(struct recode *r, struct buf *out, char c)
{
    unsigned char octet = (unsigned char)c;
    if (octet > 127) {
        // The octets of a character stay together, so a reader of the source sees it whole.
        make_room(r, out, 3 * sequence(octet));
        put_hex(r, out, c);
    } else if ((c == '=' && r->kind == RECODE_QP) || text_is_control(c)) {
        put_hex(r, out, c);
    } else {
        put_plain(r, out, c);
    }
}

// A blank at the end of a line would be lost on the way; what is encoded already has none that
// means something (RFC 2045, 6.7 (3)).
static void settle_blank(struct recode *r, struct buf *out, bool at_end)
{
    char blank = r->blank;
    r->blank = '\0';
    if (!blank)
        return;
    if (!at_end)
        put_plain(r, out, blank);
    else if (r->kind == RECODE_QP)
        put_hex(r, out, blank);
}

static void put_qp(struct recode *r, struct buf *out, char c)
{
    settle_blank(r, out, c == '\n');
    if (c == '\n') {
        buf_putc(out, '\n');
        r->column = 0;
    } else if (text_is_blank(c)) {
        r->blank = c;
    } else {
        put_quoted(r, out, c);
    }
}

static bool is_hex(char c)
{
    char lower = text_lower(c);
    return text_is_digit(c) || (lower >= 'a' && lower <= 'f');
}

// Gives out what looked like the beginning of "=XX" and is none, as what it then means.
static void release(struct recode *r, struct buf *out)
{
    size_t n = r->n_held;
    r->n_held = 0;
    if (n > 0)
        put_hex(r, out, '=');
    if (n > 1)
        put_plain(r, out, r->held[1]);
    for (; r->blanks > 0; r->blanks--)
        put_plain(r, out, ' ');
}

// What is encoded already: "=XX" must not be torn apart, "=" may end a line.
static void put_qp_again(struct recode *r, struct buf *out, char c)
{
    if (r->n_held == 1 && text_is_blank(c)) {
        r->blanks++; // nothing, where a line end follows
        return;
    }
    if (r->n_held == 1 && c == '\n') {
        r->n_held = r->blanks = 0;
        buf_puts(out, "=\n");
        r->column = 0;
    } else if (c == '=' ? r->n_held == 0 : r->n_held > 0 && !r->blanks && is_hex(c)) {
        settle_blank(r, out, false);
        r->held[r->n_held++] = c;
        if (r->n_held < sizeof r->held)
            return;
        make_room(r, out, r->n_held);
        buf_put(out, r->held, r->n_held);
        r->column += r->n_held;
        r->n_held = 0;
    } else if (r->n_held > 0) {
        release(r, out);
        put_qp_again(r, out, c);
    } else {
        put_qp(r, out, c);
    }
}

// ---- Base64

static void put_char(struct recode *r, struct buf *out, char c)
{
    if (r->column == RECODE_LINE_MAX) {
        buf_putc(out, '\n');
        r->column = 0;
    }
    buf_putc(out, c);
    r->column++;
}

static void put_bits(struct recode *r, struct buf *out)
{
    const unsigned char *p = (const unsigned char *)r->held;
    uint32_t bits = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
    put_char(r, out, alphabet[bits >> 18]);
    put_char(r, out, alphabet[bits >> 12 & 63]);
    put_char(r, out, r->n_held > 1 ? alphabet[bits >> 6 & 63] : '=');
    put_char(r, out, r->n_held > 2 ? alphabet[bits & 63] : '=');
    memset(r->held, 0, sizeof r->held);
    r->n_held = 0;
}

static void put_octet(struct recode *r, struct buf *out, char c)
{
    r->held[r->n_held++] = c;
    if (r->n_held == sizeof r->held)
        put_bits(r, out);
}

static void put_base64(struct recode *r, struct buf *out, char c)
{
    if (c == '\n')
        put_octet(r, out, '\r');
    put_octet(r, out, c);
}

// Octets that are not of the alphabet mean nothing, line ends least of all (RFC 2045, 6.8).
static void put_base64_again(struct recode *r, struct buf *out, char c)
{
    if (c == '=' || (c && strchr(alphabet, c)))
        put_char(r, out, c);
}

// ---- All of them

void recode_put(struct recode *r, struct buf *out, struct span text)
{
    static void (*const put[])(struct recode *, struct buf *, char) = {
        [RECODE_QP] = put_qp,
        [RECODE_BASE64] = put_base64,
        [RECODE_QP_AGAIN] = put_qp_again,
        [RECODE_BASE64_AGAIN] = put_base64_again,
    };
    if (r->kind == RECODE_NONE)
        buf_put_span(out, text);
    else
        for (size_t i = 0; i < text.n; i++)
            put[r->kind](r, out, text.p[i]);
}

void recode_end(struct recode *r, struct buf *out)
{
    if (r->kind == RECODE_QP_AGAIN && r->n_held == 1)
        buf_putc(out, '=');
    else if (r->kind == RECODE_QP_AGAIN)
        release(r, out);
    else if (r->kind == RECODE_BASE64 && r->n_held)
        put_bits(r, out);
    settle_blank(r, out, true);
}
