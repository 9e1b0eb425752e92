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

// The number of the character whose sequence is n octets long.
static wchar_t decode(const char *p, size_t n)
{
    static const unsigned char first[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    wchar_t c = (unsigned char)p[0] & first[n];
    for (size_t i = 1; i < n; i++)
        c = c << 6 | ((unsigned char)p[i] & 0x3f);
    return c;
}

// Octets of the first character of a text that is not empty, and its columns. What is no UTF-8
// is taken octet by octet.
static size_t measure(struct span text, size_t *columns)
{
    size_t n = text_utf8(text);
    *columns = 1;
    if (n > 1) {
        int wide = wcwidth(decode(text.p, n));
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

void terminal_colour(struct buf *out, const struct terminal *t, enum colour colour)
{
    static const char *const codes[] = {
        [COLOUR_NONE] = "\033[0m", [COLOUR_BOLD] = "\033[1m",   [COLOUR_DIM] = "\033[2m",
        [COLOUR_RED] = "\033[31m", [COLOUR_GREEN] = "\033[32m", [COLOUR_YELLOW] = "\033[33m",
    };
    if (t->colour)
        buf_puts(out, codes[colour]);
}
