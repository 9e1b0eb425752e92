// SPDX-License-Identifier: ISC
#include "message/phrase.h"

#include <string.h>

#include "message/token.h"

// An encoded word is no longer than 75 octets (RFC 2047, 2), a line that holds one than 76.
static const char encoded_begin[] = "=?utf-8?q?";
static const char encoded_end[] = "?=";
enum { ENCODED_FRAME = sizeof encoded_begin + sizeof encoded_end - 2 };
enum { ENCODED_LEAST = 12 }; // the longest character: four octets, three columns each

enum phrase_form { PHRASE_ATOMS, PHRASE_QUOTED, PHRASE_ENCODED };

static enum phrase_form find_form(struct span name)
{
    enum phrase_form form = PHRASE_ATOMS;
    for (size_t i = 0; i < name.n; i++) {
        if ((unsigned char)name.p[i] > 127)
            return PHRASE_ENCODED;
        bool encoded = i + 1 < name.n && name.p[i] == '=' && name.p[i + 1] == '?';
        bool spaces = name.p[i] == ' ' && name.p[i + 1] == ' ';
        if (encoded || spaces || (name.p[i] != ' ' && !token_is_atext(name.p[i])))
            form = PHRASE_QUOTED;
    }
    return form;
}

static size_t word_length(struct span s)
{
    const char *space = s.n ? memchr(s.p, ' ', s.n) : NULL;
    return space ? (size_t)(space - s.p) : s.n;
}

// Appends words as they are, but for the escapes that quotes call for.
static void put_words(struct buf *out, struct span name, size_t column)
{
    for (size_t i = 0; i < name.n; i++) {
        struct span rest = {name.p + i + 1, name.n - i - 1};
        if (name.p[i] == ' ' && i > 0 && column + 1 + word_length(rest) > PHRASE_LINE_MAX) {
            buf_putc(out, '\n');
            column = 0;
        }
        if (name.p[i] == '"' || name.p[i] == '\\') {
            buf_putc(out, '\\');
            column++;
        }
        buf_putc(out, name.p[i]);
        column++;
    }
}

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

static void put_encoded_octet(struct buf *out, char c)
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

// Appends encoded words, each on a line of its own but the first. The blanks between them are
// no part of the name (RFC 2047, 6.2).
static void put_encoded(struct buf *out, struct span name, size_t column)
{
    bool first = column + ENCODED_FRAME + ENCODED_LEAST <= PHRASE_LINE_MAX;
    while (name.n) {
        if (!first) {
            buf_puts(out, "\n ");
            column = 1;
        }
        first = false;
        struct span part = take_characters(&name, PHRASE_LINE_MAX - column - ENCODED_FRAME);
        buf_puts(out, encoded_begin);
        for (size_t i = 0; i < part.n; i++)
            put_encoded_octet(out, part.p[i]);
        buf_puts(out, encoded_end);
    }
}

void phrase_put(struct buf *out, struct span name, size_t column)
{
    struct buf clean = BUF_INIT(PHRASE_NAME_MAX);
    text_clean(&clean, span_trim(name), PHRASE_NAME_MAX);
    struct span text = span_trim(buf_span(&clean));
    switch (find_form(text)) {
    case PHRASE_ATOMS: put_words(out, text, column); break;
    case PHRASE_QUOTED:
        buf_putc(out, '"');
        put_words(out, text, column + 1);
        buf_putc(out, '"');
        break;
    case PHRASE_ENCODED: put_encoded(out, text, column); break;
    }
    buf_free(&clean);
}

void phrase_gecos(struct buf *out, struct span gecos, struct span login)
{
    struct span name;
    if (!span_cut(&gecos, ',', &name))
        return;
    name = span_trim(name);
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] != '&') {
            buf_putc(out, name.p[i]);
            continue;
        }
        for (size_t j = 0; j < login.n; j++)
            buf_putc(out, j == 0 && login.p[0] >= 'a' && login.p[0] <= 'z'
                              ? (char)(login.p[0] - 'a' + 'A')
                              : login.p[j]);
    }
}
