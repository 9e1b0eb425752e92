// SPDX-License-Identifier: ISC
#include "message/mime/encoded.h"

#include <string.h>

// A whole encoded word has at most 75 octets (RFC 2047, 2).
enum {
    CHARACTER_MOST = 12, // columns: four octets, three columns each
};

// Whether the octet stands for itself in an encoded word of a phrase (RFC 2047, 5 (3)).
static bool is_plain(char c)
{
    return text_is_alnum(c) || (c && strchr("!*+-/", c));
}

static size_t encoded_length(struct span s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += is_plain(s.p[i]) || s.p[i] == ' ' ? 1 : 3;
    return n;
}

static void put_octet(struct buf *out, char c)
{
    if (c == ' ')
        buf_putc(out, '_');
    else if (is_plain(c))
        buf_putc(out, c);
    else
        buf_printf(out, "=%02X", (unsigned)(unsigned char)c);
}

// Takes off *rest the characters that fit into `room` columns when encoded: always one at
// least.
static struct span take_characters(struct span *rest, size_t room)
{
    struct span taken = {rest->p, 0};
    size_t used = 0;
    while (taken.n < rest->n) {
        struct span left = {rest->p + taken.n, rest->n - taken.n};
        struct span character = {left.p, text_utf8(left)};
        if (character.n == 0)
            character.n = 1;
        used += encoded_length(character);
        if (taken.n && used > room)
            break;
        taken.n += character.n;
    }
    rest->p += taken.n;
    rest->n -= taken.n;
    return taken;
}

bool encoded_is_utf8(struct span text)
{
    while (text.n) {
        size_t n = text_utf8(text);
        if (n == 0)
            return false;
        text.p += n;
        text.n -= n;
    }
    return true;
}

bool encoded_is_word(struct span word)
{
    return word.n > 6 && memcmp(word.p, "=?", 2) == 0 &&
           memcmp(word.p + word.n - 2, "?=", 2) == 0;
}

void encoded_put(struct buf *out, struct span text, size_t column)
{
    const char *begin = encoded_is_utf8(text) ? "=?utf-8?q?" : "=?unknown-8bit?q?";
    size_t frame = strlen(begin) + 2;
    bool first = column + frame + CHARACTER_MOST <= ENCODED_LINE_MAX;
    while (text.n) {
        if (!first) {
            buf_puts(out, "\n ");
            column = 1;
        }
        first = false;
        struct span part = take_characters(&text, ENCODED_LINE_MAX - column - frame);
        buf_puts(out, begin);
        for (size_t i = 0; i < part.n; i++)
            put_octet(out, part.p[i]);
        buf_puts(out, "?=");
    }
}
