// SPDX-License-Identifier: ISC
// links: smtp
// Any message in pieces of any size: on the wire CR and LF stand together only, the lone dot is
// the end and nothing else, and what a receiver makes of it is the message.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

static void decode(struct buf *out, struct span wire, bool dots)
{
    bool start = true;
    for (size_t i = 0; i < wire.n; i++) {
        if (start && dots && wire.n - i >= 3 && memcmp(wire.p + i, ".\r\n", 3) == 0) {
            check(i + 3 == wire.n);
            return;
        }
        if (start && dots && wire.p[i] == '.')
            i++;
        start = wire.p[i] == '\r';
        if (start) {
            check(i + 1 < wire.n && wire.p[i + 1] == '\n');
            i++;
        } else {
            check(wire.p[i] != '\n' && wire.p[i] != '\0');
        }
        buf_putc(out, start ? '\n' : wire.p[i]);
    }
    check(!dots);
}

// Line breaks of any kind become LF, and the last line has one.
static void normalise(struct buf *out, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '\r' && i + 1 < n && p[i + 1] == '\n')
            continue;
        buf_putc(out, p[i] == '\r' ? '\n' : p[i] == '\0' ? '?' : p[i]);
    }
    if (out->n && out->p[out->n - 1] != '\n')
        buf_putc(out, '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf wire = BUF_INIT(1 << 24), back = BUF_INIT(1 << 24), meant = BUF_INIT(1 << 24);
    struct body b;
    if (size < 2)
        return 0;
    size_t piece = 1 + data[0] % 32;
    bool dots = data[1] & 1;
    const char *p = (const char *)data + 2;
    size -= 2;
    body_init(&b, dots);
    for (size_t at = 0; at < size; at += piece) {
        size_t n = size - at < piece ? size - at : piece, before = wire.n;
        body_encode(&b, &wire, p + at, n);
        check(wire.n - before <= 2 * n);
    }
    body_end(&b, &wire);
    decode(&back, buf_span(&wire), dots);
    normalise(&meant, p, size);
    check(span_equal(buf_span(&back), buf_span(&meant)));
    buf_free(&wire);
    buf_free(&back);
    buf_free(&meant);
    return 0;
}
