// SPDX-License-Identifier: ISC
#include "message/xtext.h"

static const char digits[] = "0123456789ABCDEF";

static bool is_plain(char c)
{
    return c >= '!' && c <= '~' && c != '+' && c != '=';
}

void xtext_encode(struct buf *out, struct span text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char u = (unsigned char)text.p[i];
        if (is_plain(text.p[i])) {
            buf_putc(out, text.p[i]);
        } else {
            char code[3] = {'+', digits[u >> 4], digits[u & 15]};
            buf_put(out, code, sizeof code);
        }
    }
}

// The value of a hexadecimal digit, upper case as RFC 3461 has it; -1 for any other octet.
static int digit_value(char c)
{
    if (text_is_digit(c))
        return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool xtext_decode(struct buf *out, struct span text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '+') {
            if (!is_plain(text.p[i]))
                return false;
            buf_putc(out, text.p[i]);
            continue;
        }
        if (text.n - i < 3)
            return false;
        int high = digit_value(text.p[i + 1]), low = digit_value(text.p[i + 2]);
        if (high < 0 || low < 0)
            return false;
        buf_putc(out, (char)(high * 16 + low));
        i += 2;
    }
    return !out->over;
}

void xtext_put_field(struct buf *out, struct span text)
{
    if (text.n == 0)
        buf_putc(out, '-');
    else if (span_equal(text, SPAN("-")))
        buf_puts(out, "+2D");
    else
        xtext_encode(out, text);
}

bool xtext_take_field(struct buf *out, struct span text)
{
    return span_equal(text, SPAN("-")) || (text.n > 0 && xtext_decode(out, text));
}
