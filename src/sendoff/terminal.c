// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/terminal.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

enum { WIDTH_MAX = 10000 };

size_t terminal_width(int fd)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    uint64_t width;
    if (columns && text_number(span_of(columns), WIDTH_MAX, &width) && width)
        return (size_t)width;
    return ioctl(fd, TIOCGWINSZ, &size) ? 0 : size.ws_col;
}

struct terminal terminal_of(int fd)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    struct terminal t = {.is = isatty(fd)};
    if (t.is) {
        t.plain = !term || !*term || strcmp(term, "dumb") == 0;
        t.colour = !t.plain && !(no && *no);
        t.width = terminal_width(fd);
    }
    return t;
}

// wcwidth(3) knows characters in a locale that has them.
static void learn_characters(void)
{
    static bool learnt;
    if (!learnt && MB_CUR_MAX == 1 && !setlocale(LC_CTYPE, "C.UTF-8"))
        setlocale(LC_CTYPE, "");
    learnt = true;
}

// Octets of the first character of a text that is not empty, and its columns. What is no UTF-8
// is taken octet by octet.
static size_t measure(struct span text, size_t *columns)
{
    size_t n = text_utf8(text);
    *columns = 1;
    if (n > 1) {
        int wide = wcwidth((wchar_t)text_code_point(text.p, n));
        *columns = wide >= 0 ? (size_t)wide : 1;
    }
    return n ? n : 1;
}

struct span terminal_fit(struct span text, size_t columns)
{
    size_t taken = 0, wide;
    learn_characters();
    for (struct span rest = text; rest.n;) {
        size_t n = measure(rest, &wide);
        if (wide > columns)
            break;
        columns -= wide;
        taken += n;
        rest = (struct span){rest.p + n, rest.n - n};
    }
    return (struct span){text.p, taken};
}

size_t terminal_columns(struct span text)
{
    size_t sum = 0, wide;
    learn_characters();
    while (text.n) {
        size_t n = measure(text, &wide);
        sum += wide;
        text = (struct span){text.p + n, text.n - n};
    }
    return sum;
}

void terminal_wrap(struct buf *out, const struct terminal *t, struct span text, size_t column,
                   size_t indent)
{
    struct span rest = text, word;
    bool first = true;
    while (span_cut(&rest, ' ', &word)) {
        size_t wide = terminal_columns(word);
        if (!first && t->width && column + 1 + wide > t->width) {
            buf_printf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            buf_putc(out, ' ');
            column++;
        }
        buf_put_span(out, word);
        column += wide;
        first = false;
    }
    buf_putc(out, '\n');
}

void terminal_colour(struct buf *out, const struct terminal *t, enum colour colour)
{
    static const char *const codes[] = {
        [COLOUR_NONE] = "\033[0m", [COLOUR_BOLD] = "\033[1m",   [COLOUR_DIM] = "\033[2m",
        [COLOUR_RED] = "\033[31m", [COLOUR_GREEN] = "\033[32m", [COLOUR_YELLOW] = "\033[33m",
    };
    if (t->colour)
        buf_puts(out, codes[colour]);
}
