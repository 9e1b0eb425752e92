// SPDX-License-Identifier: ISC
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { BUF_FIRST = 256 };

static _Noreturn void out_of_memory(void)
{
    static const char text[] = "out of memory\n";
    // The one place where a library folder prints and ends the program (see buf.h).
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
        _exit(EX_TEMPFAIL);
    _exit(EX_TEMPFAIL);
}

char *buf_room(struct buf *b, size_t n)
{
    if (b->over || n > b->max - b->n) {
        b->over = true;
        return NULL;
    }
    size_t need = b->n + n + 1;
    if (need > b->size) {
        size_t size = b->size ? b->size : BUF_FIRST;
        while (size < need)
            size *= 2;
        if (size > b->max + 1)
            size = b->max + 1;
        char *p = realloc(b->p, size);
        if (!p)
            out_of_memory();
        b->p = p;
        b->size = size;
        p[b->n] = '\0';
    }
    return b->p + b->n;
}

void buf_grew(struct buf *b, size_t n)
{
    b->n += n;
    b->p[b->n] = '\0';
}

void buf_put(struct buf *b, const void *p, size_t n)
{
    char *room = buf_room(b, n);
    if (!room)
        return;
    if (n)
        memcpy(room, p, n);
    buf_grew(b, n);
}

void buf_puts(struct buf *b, const char *s)
{
    buf_put(b, s, strlen(s));
}

void buf_putc(struct buf *b, char c)
{
    buf_put(b, &c, 1);
}

void buf_put_span(struct buf *b, struct span s)
{
    buf_put(b, s.p, s.n);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0) {
        b->over = true;
        return;
    }
    char *room = buf_room(b, (size_t)n);
    if (!room)
        return;
    va_start(ap, fmt);
    vsnprintf(room, (size_t)n + 1, fmt, ap);
    va_end(ap);
    buf_grew(b, (size_t)n);
}

struct span buf_span(const struct buf *b)
{
    return (struct span){b->p, b->n};
}

const char *buf_str(const struct buf *b)
{
    return b->p ? b->p : "";
}

void buf_drop(struct buf *b, size_t n)
{
    if (n == 0)
        return;
    memmove(b->p, b->p + n, b->n - n + 1);
    b->n -= n;
}

void buf_cut(struct buf *b, size_t n)
{
    if (b->p) {
        b->n = n;
        b->p[n] = '\0';
    }
}

void buf_clear(struct buf *b)
{
    buf_cut(b, 0);
    b->over = false;
}

void buf_free(struct buf *b)
{
    free(b->p);
    *b = (struct buf){.max = b->max};
}
