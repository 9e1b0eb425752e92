// SPDX-License-Identifier: ISC
#include "smtp/reply.h"

#include <stdint.h>
#include <string.h>

void reply_init(struct reply *r)
{
    *r = (struct reply){.text = BUF_INIT(REPLY_MAX), .line = BUF_INIT(REPLY_LINE_MAX)};
}

void reply_free(struct reply *r)
{
    buf_free(&r->text);
    buf_free(&r->line);
    *r = (struct reply){.text = r->text, .line = r->line};
}

// The code that a line begins with; 0 where there is none that a reply can have.
static uint16_t line_code(struct span line)
{
    uint64_t code;
    if (line.n < 3 || !text_number((struct span){line.p, 3}, 599, &code) || code < 200)
        return 0;
    return (uint16_t)code;
}

// Takes an enhanced status code of the right class off the text (RFC 2034: code, then a blank).
static bool take_status(uint16_t code, struct span *text, uint16_t status[3])
{
    struct span rest = *text, word;
    uint16_t found[3];
    if (!span_cut(&rest, ' ', &word) || !outcome_take_status(word, found))
        return false;
    if (found[0] != code / 100)
        return false;
    memcpy(status, found, sizeof found);
    *text = rest;
    return true;
}

static enum reply_result take_line(struct reply *r)
{
    struct span line = buf_span(&r->line);
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    uint16_t code = line_code(line);
    bool last = line.n == 3 || (line.n > 3 && line.p[3] == ' ');
    if (code == 0 || (!last && line.p[3] != '-'))
        return REPLY_BAD;
    if (r->lines > 0 && code != r->code)
        return REPLY_BAD;
    if (++r->lines > REPLY_LINES_MAX)
        return REPLY_BAD;
    r->code = code;

    struct span text = line.n > 4 ? (struct span){line.p + 4, line.n - 4} : SPAN("");
    struct span rest = text;
    if (r->status[0] == 0)
        (void)take_status(code, &rest, r->status);
    if (r->lines > 1)
        buf_putc(&r->text, '\n');
    text_clean(&r->text, text, SIZE_MAX);
    if (r->text.over)
        return REPLY_BAD;
    r->complete = last;
    return last ? REPLY_DONE : REPLY_MORE;
}

static void begin(struct reply *r)
{
    r->code = 0;
    memset(r->status, 0, sizeof r->status);
    r->lines = 0;
    r->complete = false;
    buf_clear(&r->text);
    buf_clear(&r->line);
}

enum reply_result reply_push(struct reply *r, const char *p, size_t n, size_t *used)
{
    *used = 0;
    if (r->complete)
        begin(r);
    while (*used < n) {
        const char *from = p + *used;
        const char *lf = memchr(from, '\n', n - *used);
        size_t length = lf ? (size_t)(lf - from) : n - *used;
        buf_put(&r->line, from, length);
        *used += lf ? length + 1 : length;
        if (r->line.over)
            return REPLY_BAD;
        if (!lf)
            break;
        enum reply_result result = take_line(r);
        buf_clear(&r->line);
        if (result != REPLY_MORE)
            return result;
    }
    return REPLY_MORE;
}

bool reply_partial(const struct reply *r)
{
    return !r->complete && (r->lines > 0 || r->line.n > 0);
}

void reply_outcome(const struct reply *r, struct outcome *o)
{
    struct buf joined = BUF_INIT(REPLY_MAX);
    struct span rest = buf_span(&r->text), line;
    while (span_cut(&rest, '\n', &line)) {
        uint16_t ignored[3];
        (void)take_status(r->code, &line, ignored);
        if (joined.n && line.n)
            buf_putc(&joined, ' ');
        buf_put_span(&joined, line);
    }
    outcome_text(o, buf_span(&joined));
    buf_free(&joined);
    o->code = r->code;
    memcpy(o->status, r->status, sizeof o->status);
    if (o->status[0] == 0)
        o->status[0] = r->code / 100;
}
