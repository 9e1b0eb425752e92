// SPDX-License-Identifier: ISC
// links: message
// Whatever comes in, and however it is cut: the body has no CR, ends with LF, has the figures
// it is said to have, and is the same as when it is read whole.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "message/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_body(struct lines *l, struct buf *out, struct span in, size_t step)
{
    for (;;) {
        struct span piece;
        enum lines_answer answer = lines_body(l, &piece);
        if (answer == LINES_END)
            return;
        if (answer == LINES_TEXT) {
            if (piece.n == 0)
                abort();
            buf_put_span(out, piece);
            continue;
        }
        size_t n;
        char *room = lines_room(l, &n);
        if (n == 0)
            abort();
        if (in.n == 0) {
            lines_end(l);
            continue;
        }
        n = n < in.n ? n : in.n;
        n = n < step ? n : step;
        memcpy(room, in.p, n);
        lines_grew(l, n);
        in.p += n;
        in.n -= n;
    }
}

static bool is_same(const struct lines_figures *a, const struct lines_figures *b)
{
    return a->octets == b->octets && a->lines == b->lines && a->longest == b->longest &&
           a->eightbit == b->eightbit && a->nul == b->nul;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum lines_dot dots[] = {LINES_DOT_KEEP, LINES_DOT_LAST, LINES_DOT_ENDS};
    struct lines whole;
    struct lines parts;
    struct lines_figures figures = {0};
    if (size < 2)
        return 0;
    struct span in = {(const char *)data + 2, size - 2};
    struct buf want = BUF_INIT(size + 1);
    struct buf got = BUF_INIT(size + 1);

    lines_init(&whole, dots[data[0] % 3], data[0] & 128);
    lines_init(&parts, dots[data[0] % 3], data[0] & 128);
    read_body(&whole, &want, in, SIZE_MAX);
    read_body(&parts, &got, in, data[1] % 7 + 1);
    if (want.over || !span_equal(buf_span(&want), buf_span(&got)))
        abort();
    if (want.n && (memchr(want.p, '\r', want.n) || want.p[want.n - 1] != '\n'))
        abort();
    lines_count(&figures, buf_span(&want));
    if (!is_same(&figures, &whole.body) || !is_same(&figures, &parts.body))
        abort();

    lines_free(&whole);
    lines_free(&parts);
    buf_free(&want);
    buf_free(&got);
    return 0;
}
