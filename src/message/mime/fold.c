// SPDX-License-Identifier: ISC
#include "message/mime/fold.h"

bool fold_is_needed(struct span text)
{
    struct span line;
    while (text.n && span_cut(&text, '\n', &line))
        if (line.n > FOLD_LINE_MAX)
            return true;
    return false;
}

// Where the line can be cut in two, in front of a blank: at the last place that leaves a good
// line, else at the first one behind it. 0 where there is none.
static size_t find_blank(struct span line)
{
    size_t found = 0;
    bool content = false; // neither line may be blank
    struct span text = span_trim(line);
    size_t end = text.n ? (size_t)(text.p - line.p) + text.n : 0;
    for (size_t i = 0; i < end; i++) {
        if (!text_is_blank(line.p[i])) {
            content = true;
            continue;
        }
        if (!content || text_is_blank(line.p[i - 1]))
            continue;
        if (i > FOLD_LINE_GOOD && found)
            break;
        found = i;
    }
    return found;
}

// Likewise behind a comma outside of quotes.
static size_t find_comma(struct span line)
{
    size_t found = 0;
    bool quoted = false;
    for (size_t i = 0; i + 1 < line.n && !(i >= FOLD_LINE_MAX && found); i++) {
        if (line.p[i] == '\\')
            i++;
        else if (line.p[i] == '"')
            quoted = !quoted;
        else if (line.p[i] == ',' && !quoted && !text_is_blank(line.p[i + 1]))
            found = i + 1;
        if (found > FOLD_LINE_GOOD)
            break;
    }
    return found;
}

static void put_line(struct buf *out, struct span line, bool commas)
{
    bool blank = false; // one of ours stands before the rest
    size_t most = line.n > FOLD_LINE_MAX ? FOLD_LINE_GOOD : FOLD_LINE_MAX;
    while (line.n + blank > most) {
        size_t at = find_blank(line);
        size_t comma = commas && (at == 0 || at > FOLD_LINE_MAX) ? find_comma(line) : 0;
        if (comma)
            at = comma;
        if (at == 0)
            break;
        buf_put(out, line.p, at);
        buf_puts(out, comma ? "\n " : "\n");
        blank = comma;
        line.p += at;
        line.n -= at;
    }
    buf_put_span(out, line);
}

void fold_put(struct buf *out, struct span field, bool commas)
{
    struct span line;
    while (field.n && span_cut(&field, '\n', &line)) {
        put_line(out, line, commas);
        if (field.p)
            buf_putc(out, '\n');
    }
}
