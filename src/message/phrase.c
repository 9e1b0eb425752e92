// SPDX-License-Identifier: ISC
#include "message/phrase.h"

#include <string.h>

#include "message/mime/encoded.h"
#include "message/token.h"

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
    case PHRASE_ENCODED: encoded_put(out, text, column); break;
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
