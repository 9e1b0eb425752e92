// SPDX-License-Identifier: ISC
#include "submit/auth/bearer.h"

#include <string.h>

enum { COMPLAINT_MAX = 120 }; // octets of a challenge that are told

bool bearer_is_token(struct span token)
{
    for (size_t i = 0; i < token.n; i++)
        if (token.p[i] <= ' ' || token.p[i] > '~')
            return false;
    return token.n > 0;
}

// A name in the header of GS2, where ',' and '=' part things (RFC 5801, 4).
static void put_name(struct buf *out, const char *name)
{
    for (; *name; name++)
        if (*name == ',')
            buf_puts(out, "=2C");
        else if (*name == '=')
            buf_puts(out, "=3D");
        else
            buf_putc(out, *name);
}

static void put_token(struct buf *out, struct span token)
{
    buf_puts(out, "\001auth=Bearer ");
    buf_put_span(out, token);
    buf_puts(out, "\001\001");
}

void bearer_oauth(struct buf *out, const char *user, const char *host, uint16_t port,
                  struct span token)
{
    buf_puts(out, "n,");
    if (*user) {
        buf_puts(out, "a=");
        put_name(out, user);
    }
    buf_printf(out, ",\001host=%s\001port=%u", host, port);
    put_token(out, token);
}

void bearer_xoauth2(struct buf *out, const char *user, struct span token)
{
    buf_printf(out, "user=%s", user);
    put_token(out, token);
}

// ---- JSON (RFC 8259), as much of it as a complaint needs

static void skip_blanks(struct span *rest)
{
    while (rest->n && memchr(" \t\r\n", rest->p[0], 4)) {
        rest->p++;
        rest->n--;
    }
}

static bool take(struct span *rest, char c)
{
    skip_blanks(rest);
    if (!rest->n || rest->p[0] != c)
        return false;
    rest->p++;
    rest->n--;
    return true;
}

// What stands between quotes. Escapes are stepped over, not resolved: what is told of is plain
// words, and where it is not, a backslash more does no harm.
static bool take_text(struct span *rest, struct span *text)
{
    if (!take(rest, '"'))
        return false;
    *text = (struct span){rest->p, 0};
    while (text->n < rest->n && rest->p[text->n] != '"')
        text->n += rest->p[text->n] == '\\' ? 2 : 1;
    if (text->n >= rest->n)
        return false;
    rest->p += text->n + 1;
    rest->n -= text->n + 1;
    return true;
}

// A value: text, or a number or word. Objects and arrays are not read.
static bool take_value(struct span *rest, struct span *value)
{
    skip_blanks(rest);
    if (rest->n && rest->p[0] == '"')
        return take_text(rest, value);
    *value = (struct span){rest->p, 0};
    while (value->n < rest->n &&
           (text_is_alnum(rest->p[value->n]) || memchr("+-.", rest->p[value->n], 3)))
        value->n++;
    rest->p += value->n;
    rest->n -= value->n;
    return value->n > 0;
}

struct complaint {
    struct span status, description, scope;
};

static bool parse(struct complaint *c, struct span text)
{
    struct span key, value;
    *c = (struct complaint){0};
    if (!take(&text, '{'))
        return false;
    do {
        if (!take_text(&text, &key) || !take(&text, ':') || !take_value(&text, &value))
            return false;
        if (span_equal(key, SPAN("status")))
            c->status = value;
        else if (span_equal(key, SPAN("error_description")))
            c->description = value;
        else if (span_equal(key, SPAN("scope")))
            c->scope = value;
    } while (take(&text, ','));
    if (!take(&text, '}'))
        return false;
    skip_blanks(&text);
    return text.n == 0 && c->status.n > 0;
}

// Adds it as far as there still is room.
static void put(struct buf *out, size_t start, const char *before, struct span text)
{
    size_t used = out->n - start + strlen(before);
    if (!text.n || used >= COMPLAINT_MAX)
        return;
    buf_puts(out, before);
    text_clean(out, text, COMPLAINT_MAX - used);
}

void bearer_complaint(struct buf *out, struct span challenge)
{
    struct complaint c;
    size_t start = out->n;
    if (parse(&c, challenge)) {
        put(out, start, "status ", c.status);
        put(out, start, ", ", c.description);
        put(out, start, ", wants scope ", c.scope);
    } else {
        put(out, start, "", challenge);
    }
}
