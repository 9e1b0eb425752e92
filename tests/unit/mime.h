// SPDX-License-Identifier: ISC
// A small reader of MIME, to take a report apart again: strict where what we write must be
// right, and ending the test where it is not.
#ifndef UNIT_MIME_H
#define UNIT_MIME_H

#include <string.h>

#include "base/text.h"

enum { MIME_PARTS_MAX = 8 };

struct mime {
    struct span header; // with the LF of its last field
    struct span parts[MIME_PARTS_MAX];
    size_t n;
    char boundary[128];
};

// Octets up to and without the first `what`; -1 where there is none.
static inline ptrdiff_t mime_find(struct span s, struct span what)
{
    for (size_t i = 0; i + what.n <= s.n; i++)
        if (memcmp(s.p + i, what.p, what.n) == 0)
            return (ptrdiff_t)i;
    return -1;
}

static inline size_t mime_count(struct span s, const char *what)
{
    size_t count = 0, n = strlen(what);
    for (size_t i = 0; i + n <= s.n; i++)
        count += memcmp(s.p + i, what, n) == 0;
    return count;
}

// Splits a header from its body at the empty line.
static inline void mime_split(struct span text, struct span *header, struct span *body)
{
    ptrdiff_t at = text.n && text.p[0] == '\n' ? -2 : mime_find(text, SPAN("\n\n"));
    if (at == -2) {
        *header = (struct span){text.p, 0};
        *body = (struct span){text.p + 1, text.n - 1};
        return;
    }
    if (at < 0)
        fail_msg("there is no end of a header");
    *header = (struct span){text.p, (size_t)at + 1};
    *body = (struct span){text.p + at + 2, text.n - (size_t)at - 2};
}

// The value of a field, with its foldings; fails where there is none or more than one.
static inline struct span mime_field(struct span header, const char *name)
{
    struct span found = {NULL, 0};
    size_t n = strlen(name);
    for (size_t i = 0; i < header.n;) {
        const char *line = header.p + i, *end = line;
        do {
            end = memchr(end, '\n', header.n - (size_t)(end - header.p));
            end = end ? end + 1 : header.p + header.n;
        } while (end < header.p + header.n && (*end == ' ' || *end == '\t'));
        size_t length = (size_t)(end - line);
        if (length > n && strncasecmp(line, name, n) == 0 && line[n] == ':') {
            if (found.p)
                fail_msg("there are two fields %s", name);
            found = span_trim((struct span){line + n + 1, length - n - 1});
        }
        i += length;
    }
    if (!found.p)
        fail_msg("there is no field %s", name);
    return found;
}

static inline bool mime_has_field(struct span header, const char *name)
{
    char start[64];
    snprintf(start, sizeof start, "\n%s:", name);
    return mime_find(header, span_of(start)) >= 0 ||
           span_starts_nocase(header, span_of(start + 1));
}

static inline void mime_is(struct span header, const char *name, const char *value)
{
    struct span found = mime_field(header, name);
    if (!span_equal(found, span_of(value)))
        fail_msg("%s is '%.*s', not '%s'", name, SPAN_ARGS(found), value);
}

static inline void mime_has(struct span text, const char *what)
{
    if (mime_find(text, span_of(what)) < 0)
        fail_msg("there is no '%s' in:\n%.*s", what, SPAN_ARGS(text));
}

static inline void mime_has_not(struct span text, const char *what)
{
    if (mime_find(text, span_of(what)) >= 0)
        fail_msg("there is '%s' in:\n%.*s", what, SPAN_ARGS(text));
}

// What any message of ours has to be: lines of at most 998 octets, each ended by LF, without
// NUL and CR; and a body of ASCII, unless its header says 8bit.
static inline void mime_check(struct span text)
{
    struct span rest = text, line, header, body;
    if (!text.n || text.p[text.n - 1] != '\n')
        fail_msg("the last line has no end");
    while (rest.n && span_cut(&rest, '\n', &line)) {
        if (line.n > 998)
            fail_msg("a line of %zu octets", line.n);
        for (size_t i = 0; i < line.n; i++)
            if (line.p[i] == '\r' || line.p[i] == '\0')
                fail_msg("an octet that must not be");
    }
    bool high = false;
    mime_split(text, &header, &body);
    for (size_t i = 0; i < body.n; i++)
        high |= (unsigned char)body.p[i] >= 0x80;
    mime_is(header, "Content-Transfer-Encoding", high ? "8bit" : "7bit");
}

// Takes a multipart apart; `text` outlives it.
static inline void mime_read(struct mime *m, struct span text)
{
    struct span body;
    *m = (struct mime){.n = 0};
    mime_check(text);
    mime_split(text, &m->header, &body);
    struct span type = mime_field(m->header, "Content-Type");
    ptrdiff_t at = mime_find(type, SPAN("boundary=\""));
    if (at < 0)
        fail_msg("no boundary");
    const char *p = type.p + at + strlen("boundary=\"");
    size_t n = (size_t)((const char *)memchr(p, '"', type.n) - p);
    if (n < 20 || n > 70)
        fail_msg("a boundary of %zu octets", n);
    char line[160], last[160];
    snprintf(m->boundary, sizeof m->boundary, "%.*s", (int)n, p);
    snprintf(line, sizeof line, "--%s\n", m->boundary);
    snprintf(last, sizeof last, "--%s--\n", m->boundary);
    if (!span_starts_nocase(body, span_of(line)))
        fail_msg("the first part does not begin");
    body = (struct span){body.p + strlen(line), body.n - strlen(line)};
    for (;;) {
        char next[160];
        snprintf(next, sizeof next, "\n--%s", m->boundary);
        at = mime_find(body, span_of(next));
        if (at < 0 || m->n == MIME_PARTS_MAX)
            fail_msg("a part does not end");
        // The line break before a boundary belongs to the boundary.
        m->parts[m->n++] = (struct span){body.p, (size_t)at};
        body = (struct span){body.p + at + 1, body.n - (size_t)at - 1};
        if (span_starts_nocase(body, span_of(last)))
            break;
        if (!span_starts_nocase(body, span_of(line)))
            fail_msg("a boundary is no line");
        body = (struct span){body.p + strlen(line), body.n - strlen(line)};
    }
    if (body.n != strlen(last))
        fail_msg("something follows the end");
}

#endif
