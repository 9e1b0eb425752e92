// SPDX-License-Identifier: ISC
#include "message/lines.h"

#include <string.h>

void lines_init(struct lines *l, enum lines_dot dot, bool unstuff)
{
    // One octet more than is read: the line end that lines_end adds.
    *l = (struct lines){.dot = dot, .unstuff = unstuff, .text = BUF_INIT(LINES_ROOM + 1)};
}

void lines_free(struct lines *l)
{
    buf_free(&l->text);
    *l = (struct lines){.text = BUF_INIT(LINES_ROOM + 1)};
}

char *lines_room(struct lines *l, size_t *n)
{
    buf_drop(&l->text, l->at);
    l->at = 0;
    *n = LINES_ROOM - l->text.n;
    return buf_room(&l->text, *n);
}

void lines_grew(struct lines *l, size_t n)
{
    buf_grew(&l->text, n);
}

void lines_end(struct lines *l)
{
    size_t n = l->text.n;
    bool open = n > l->at ? l->text.p[n - 1] != '\n' : l->open;
    if (open && !l->end)
        buf_putc(&l->text, '\n');
    l->end = true;
}

enum lines_answer lines_line(struct lines *l, struct span *line)
{
    size_t n = l->text.n - l->at;
    if (n == 0)
        return l->end ? LINES_END : LINES_MORE;
    const char *p = l->text.p + l->at;
    const char *lf = memchr(p, '\n', n);
    if (!lf && n < LINES_ROOM)
        return LINES_MORE;
    // A CR at the end of a piece may be half of a line end.
    l->given = lf ? (size_t)(lf - p) + 1 : n - (p[n - 1] == '\r');
    *line = (struct span){p, l->given};
    return LINES_TEXT;
}

void lines_took(struct lines *l)
{
    if (l->given == 0)
        return;
    l->at += l->given;
    l->open = l->text.p[l->at - 1] != '\n';
    l->given = 0;
}

// Whether octets above 127 are in the text, a word at a time.
static bool has_eightbit(struct span text)
{
    uint64_t any = 0;
    size_t i = 0;
    for (; i + sizeof any <= text.n; i += sizeof any) {
        uint64_t word;
        memcpy(&word, text.p + i, sizeof word);
        any |= word;
    }
    for (; i < text.n; i++)
        any |= (unsigned char)text.p[i];
    return (any & 0x8080808080808080U) != 0;
}

void lines_add(struct lines_figures *f, uint64_t *column, struct span text)
{
    if (text.n == 0)
        return;
    const char *p = text.p;
    const char *end = p + text.n;
    const char *lf;
    while (p < end && (lf = memchr(p, '\n', (size_t)(end - p)))) {
        uint64_t length = *column + (uint64_t)(lf - p);
        if (length > f->longest)
            f->longest = length;
        f->lines++;
        *column = 0;
        p = lf + 1;
    }
    *column += (uint64_t)(end - p);
    f->octets += text.n;
    f->eightbit = f->eightbit || has_eightbit(text);
    f->nul = f->nul || memchr(text.p, '\0', text.n);
}

void lines_count(struct lines_figures *f, struct span text)
{
    uint64_t column = 0;
    lines_add(f, &column, text);
}

// How many octets at the end of the text are a line, as far as it is there, that holds a dot
// and nothing else; 0 where the last line is another.
static size_t dot_at_end(const struct lines *l, struct span text)
{
    static const struct span dots[] = {{".", 1}, {".\r", 2}, {".\n", 2}, {".\r\n", 3}};
    for (size_t i = 0; i < sizeof dots / sizeof *dots; i++) {
        if (text.n < dots[i].n)
            continue;
        size_t start = text.n - dots[i].n;
        bool fresh = start ? text.p[start - 1] == '\n' : !l->open;
        if (fresh && memcmp(text.p + start, dots[i].p, dots[i].n) == 0)
            return dots[i].n;
    }
    return 0;
}

// How many octets at the end of the text mean nothing until the next one is there.
static size_t undecided(const struct lines *l, struct span text)
{
    if (l->end || text.n == 0)
        return 0;
    char last = text.p[text.n - 1];
    if (l->dot != LINES_DOT_KEEP || l->unstuff) {
        size_t n = dot_at_end(l, text);
        if (n && (last != '\n' || l->dot == LINES_DOT_LAST))
            return n;
    }
    return last == '\r';
}

static bool is_lone_dot(const char *line, const char *next)
{
    size_t n = (size_t)(next - line);
    return (n == 2 && memcmp(line, ".\n", 2) == 0) || (n == 3 && memcmp(line, ".\r\n", 3) == 0);
}

// Looks at the dot that may begin each line: at the lone one that ends the message, after which
// *used octets are used up, and at the one that was put in front of another. In place; returns
// how many octets are left.
static size_t take_dots(struct lines *l, char *p, size_t n, size_t *used)
{
    char *to = p;
    char *end = p + n;
    bool open = l->open;
    for (char *line = p, *next; line < end; line = next) {
        char *lf = memchr(line, '\n', (size_t)(end - line));
        next = lf ? lf + 1 : end;
        if (!open && l->dot == LINES_DOT_ENDS && is_lone_dot(line, next)) {
            l->ended = true;
            *used = (size_t)(next - p);
            break;
        }
        if (!open && l->unstuff && next - line > 1 && line[0] == '.' && line[1] == '.')
            line++;
        size_t length = (size_t)(next - line);
        if (to != line)
            memmove(to, line, length);
        to += length;
        open = !lf;
    }
    return (size_t)(to - p);
}

// Drops the CR of each CR LF and makes an LF of any other. In place; returns how many octets
// are left. The text does not end with CR.
static size_t take_returns(char *p, size_t n)
{
    char *from = memchr(p, '\r', n);
    if (!from)
        return n;
    char *to = from;
    char *end = p + n;
    while (from < end) {
        from++; // over the CR
        if (from == end || *from != '\n')
            *to++ = '\n';
        char *cr = memchr(from, '\r', (size_t)(end - from));
        size_t run = (size_t)((cr ? cr : end) - from);
        memmove(to, from, run);
        to += run;
        from += run;
    }
    return (size_t)(to - p);
}

enum lines_answer lines_body(struct lines *l, struct span *piece)
{
    if (l->ended)
        return LINES_END;
    struct span text = {l->text.p ? l->text.p + l->at : NULL, l->text.n - l->at};
    size_t used = text.n - undecided(l, text);
    size_t n = used;
    if (l->end && l->dot == LINES_DOT_LAST)
        n -= dot_at_end(l, text);
    if (n == 0)
        return l->end ? LINES_END : LINES_MORE;

    char *p = l->text.p + l->at;
    bool open = p[used - 1] != '\n';
    if (l->dot == LINES_DOT_ENDS || l->unstuff)
        n = take_dots(l, p, n, &used);
    n = take_returns(p, n);
    l->at += used;
    l->open = open;
    *piece = (struct span){p, n};
    lines_add(&l->body, &l->column, *piece);
    return n ? LINES_TEXT : LINES_END;
}
