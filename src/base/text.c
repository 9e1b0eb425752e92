// SPDX-License-Identifier: ISC
#include "base/text.h"

#include <string.h>

#include "base/buf.h"

struct span span_of(const char *s)
{
    return (struct span){s, strlen(s)};
}

bool span_equal(struct span a, struct span b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool span_equal_nocase(struct span a, struct span b)
{
    return a.n == b.n && span_starts_nocase(a, b);
}

bool span_starts_nocase(struct span s, struct span prefix)
{
    if (s.n < prefix.n)
        return false;
    for (size_t i = 0; i < prefix.n; i++)
        if (text_lower(s.p[i]) != text_lower(prefix.p[i]))
            return false;
    return true;
}

bool span_is_within(struct span name, struct span domain)
{
    if (name.n < domain.n || domain.n == 0)
        return false;
    struct span end = {name.p + name.n - domain.n, domain.n};
    return span_equal_nocase(end, domain) &&
           (name.n == domain.n || name.p[name.n - domain.n - 1] == '.');
}

bool span_find_nocase(struct span s, struct span part)
{
    for (; s.n >= part.n; s.p++, s.n--)
        if (span_starts_nocase(s, part))
            return true;
    return false;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span span_trim(struct span s)
{
    while (s.n && is_space(s.p[0]))
        s.p++, s.n--;
    while (s.n && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

bool span_cut(struct span *rest, char c, struct span *part)
{
    *part = (struct span){NULL, 0};
    if (!rest->p)
        return false;
    const char *end = rest->n ? memchr(rest->p, c, rest->n) : NULL;
    if (!end) {
        *part = *rest;
        *rest = (struct span){NULL, 0};
        return true;
    }
    size_t n = (size_t)(end - rest->p);
    *part = (struct span){rest->p, n};
    *rest = (struct span){end + 1, rest->n - n - 1};
    return true;
}

bool span_word(struct span *rest, struct span *word)
{
    while (rest->n && text_is_blank(rest->p[0]))
        rest->p++, rest->n--;
    size_t n = 0;
    while (n < rest->n && !text_is_blank(rest->p[n]))
        n++;
    *word = (struct span){rest->p, n};
    if (n == 0) // rest->p may be NULL
        return false;
    rest->p += n;
    rest->n -= n;
    return true;
}

bool text_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool text_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool text_is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool text_is_alnum(char c)
{
    return text_is_alpha(c) || text_is_digit(c);
}

bool text_is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

char text_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool text_number(struct span s, uint64_t max, uint64_t *value)
{
    uint64_t sum = 0;
    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (!text_is_digit(s.p[i]))
            return false;
        uint64_t digit = (uint64_t)(s.p[i] - '0');
        if (sum > (UINT64_MAX - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    if (sum > max)
        return false;
    *value = sum;
    return true;
}

// One row for each form of RFC 3629, section 4: how the first octet begins, how long the
// sequence is, and what the second octet may be.
static const struct {
    unsigned char first, last, second_low, second_high, length;
} utf8_forms[] = {
    {0x00, 0x7f, 0x00, 0xff, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

size_t text_utf8(struct span s)
{
    const unsigned char *u = (const unsigned char *)s.p;
    if (s.n == 0)
        return 0;
    for (size_t f = 0; f < sizeof utf8_forms / sizeof *utf8_forms; f++) {
        size_t length = utf8_forms[f].length;
        if (u[0] < utf8_forms[f].first || u[0] > utf8_forms[f].last)
            continue;
        if (length > s.n)
            return 0;
        if (length > 1 && (u[1] < utf8_forms[f].second_low || u[1] > utf8_forms[f].second_high))
            return 0;
        for (size_t i = 2; i < length; i++)
            if (u[i] < 0x80 || u[i] > 0xbf)
                return 0;
        return length;
    }
    return 0;
}

unsigned text_code_point(const char *p, size_t n)
{
    static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    unsigned point = (unsigned char)p[0] & first_bits[n];
    for (size_t i = 1; i < n; i++)
        point = point << 6 | ((unsigned char)p[i] & 0x3f);
    return point;
}

// C1 controls, line ends that only Unicode knows (log readers do), and the characters that turn
// the direction of text on a terminal.
static bool is_harmful(const char *p, size_t length)
{
    const unsigned char *u = (const unsigned char *)p;
    if (length == 2)
        return u[0] == 0xc2 && u[1] < 0xa0;
    if (length == 3 && u[0] == 0xe2)
        return (u[1] == 0x80 && u[2] >= 0xa8 && u[2] <= 0xae) ||
               (u[1] == 0x81 && u[2] >= 0xa6 && u[2] <= 0xa9);
    return false;
}

void text_clean(struct buf *out, struct span s, size_t most)
{
    while (s.n) {
        size_t length = text_utf8(s);
        size_t step = length ? length : 1;
        bool bad = length == 0 || is_harmful(s.p, length) || text_is_control(s.p[0]);
        size_t adds = bad ? 1 : length;
        if (adds > most)
            return;
        if (is_space(s.p[0]))
            buf_putc(out, ' ');
        else if (bad)
            buf_putc(out, '?');
        else
            buf_put(out, s.p, length);
        most -= adds;
        s.p += step;
        s.n -= step;
    }
}
