// SPDX-License-Identifier: ISC
#include "smtp/ehlo.h"

#include <string.h>

#define EHLO_KEYWORD(name, keyword) keyword,
static const char *const keywords[] = {EHLO_CAPABILITIES(EHLO_KEYWORD)};
#undef EHLO_KEYWORD

const char *ehlo_keyword(enum ehlo_bit bit)
{
    return keywords[bit];
}

bool ehlo_has(const struct ehlo *e, enum ehlo_capability c)
{
    return (e->capabilities & (unsigned)c) != 0;
}

bool ehlo_is_mechanism(struct span name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool upper = c >= 'A' && c <= 'Z';
        if (!upper && !text_is_digit(c) && c != '-' && c != '_')
            return false;
    }
    return name.n >= 1 && name.n <= EHLO_MECHANISM_MAX;
}

static bool knows_mechanism(const struct ehlo *e, struct span name)
{
    struct span rest = span_of(e->mechanisms), word;
    while (span_word(&rest, &word))
        if (span_equal(word, name))
            return true;
    return false;
}

// A server may tell its mechanisms twice, as "AUTH PLAIN" and in the old form "AUTH=PLAIN".
static void read_mechanisms(struct ehlo *e, struct span rest)
{
    struct span word;
    while (span_word(&rest, &word)) {
        char upper[EHLO_MECHANISM_MAX];
        struct span name = {upper, word.n};
        if (word.n > sizeof upper)
            continue;
        for (size_t i = 0; i < word.n; i++) {
            char c = word.p[i];
            upper[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        }
        if (!ehlo_is_mechanism(name) || knows_mechanism(e, name))
            continue;
        size_t at = strlen(e->mechanisms);
        if (at + 1 + name.n > EHLO_MECHANISMS_MAX)
            return;
        if (at)
            e->mechanisms[at++] = ' ';
        memcpy(e->mechanisms + at, name.p, name.n);
        e->mechanisms[at + name.n] = '\0';
    }
}

static void read_limits(struct ehlo *e, struct span rest)
{
    const struct {
        struct span name;
        uint64_t *value;
    } limits[] = {
        {SPAN("MAILMAX"), &e->mail_max},
        {SPAN("RCPTMAX"), &e->rcpt_max},
        {SPAN("RCPTDOMAINMAX"), &e->rcpt_domain_max},
    };
    struct span word, name;
    while (span_word(&rest, &word)) {
        if (!span_cut(&word, '=', &name))
            continue;
        for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
            uint64_t value;
            if (span_equal_nocase(name, limits[i].name) &&
                text_number(word, UINT32_MAX, &value) && value > 0)
                *limits[i].value = value;
        }
    }
}

static void read_line(struct ehlo *e, struct span line)
{
    struct span keyword;
    if (span_starts_nocase(line, SPAN("AUTH="))) {
        e->capabilities |= EHLO_AUTH;
        read_mechanisms(e, (struct span){line.p + 5, line.n - 5});
        return;
    }
    if (!span_word(&line, &keyword))
        return;
    for (unsigned bit = 0; bit < EHLO_BITS; bit++)
        if (span_equal_nocase(keyword, span_of(keywords[bit])))
            e->capabilities |= 1U << bit;
    if (span_equal_nocase(keyword, SPAN("AUTH")))
        read_mechanisms(e, line);
    else if (span_equal_nocase(keyword, SPAN("LIMITS")))
        read_limits(e, line);
    else if (span_equal_nocase(keyword, SPAN("SIZE")))
        if (!text_number(span_trim(line), UINT64_MAX, &e->size))
            e->size = 0;
}

void ehlo_parse(struct ehlo *e, struct span text)
{
    struct span line;
    *e = (struct ehlo){0};
    if (!span_cut(&text, '\n', &line))
        return;
    while (span_cut(&text, '\n', &line))
        read_line(e, line);
}
