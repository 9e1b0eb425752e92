// SPDX-License-Identifier: ISC
// A string of bytes that grows up to a cap of its own.
//
// Invariants: p is NULL until the first byte arrives; from then on p[n] is NUL, whatever bytes
// stand before it. n never passes max. What does not fit is not added at all, and `over` stays
// set until buf_clear, so a writer may put many pieces and ask once at the end.
// Running out of memory ends the program with EX_TEMPFAIL: the spool is consistent at any time,
// and no caller could do better.
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct buf {
    char *p;
    size_t n;
    size_t size;
    size_t max;
    bool over;
};

// An empty buffer that may grow to `max` octets. The caller owns it and ends it with buf_free.
#define BUF_INIT(max_) \
    {                  \
        .max = (max_)  \
    }

// Appends n octets; they may hold NUL. Nothing is added, and `over` is set, where they do not
// fit.
void buf_put(struct buf *b, const void *p, size_t n) __attribute__((nonnull(1)));
void buf_puts(struct buf *b, const char *s) __attribute__((nonnull));
void buf_putc(struct buf *b, char c) __attribute__((nonnull));
void buf_put_span(struct buf *b, struct span s) __attribute__((nonnull));
void buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((nonnull, format(printf, 2, 3)));

// Makes room for n octets behind the content and returns where they begin; the caller then adds
// what it wrote there to b->n through buf_grew. NULL, with `over` set, where they do not fit.
// The pointer is valid until the next call on this buffer.
char *buf_room(struct buf *b, size_t n) __attribute__((nonnull, warn_unused_result));
void buf_grew(struct buf *b, size_t n) __attribute__((nonnull));

// The content. Valid until the next call on this buffer.
struct span buf_span(const struct buf *b) __attribute__((nonnull));
// The content as a C string, "" when empty. Valid until the next call on this buffer.
const char *buf_str(const struct buf *b) __attribute__((nonnull, returns_nonnull));

// Removes the first n octets; n may not exceed b->n.
void buf_drop(struct buf *b, size_t n) __attribute__((nonnull));
// Shortens the content to n octets; n may not exceed b->n.
void buf_cut(struct buf *b, size_t n) __attribute__((nonnull));
// Empties the buffer and forgets `over`; the memory is kept for what comes next.
void buf_clear(struct buf *b) __attribute__((nonnull));
// Gives the memory back and leaves an empty buffer of the same cap. A zeroed one is accepted.
void buf_free(struct buf *b) __attribute__((nonnull));

#endif
