// SPDX-License-Identifier: ISC
// links: sendmail
// Whatever comes behind DATA, and however it is cut: the same text comes out as when it is
// taken apart line by line, and it ends in the same place.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "sendmail/stuffing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Length of the first line with its end; 0 where it has none.
static size_t line_length(struct span text, bool crlf)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '\n' && (!crlf || (i && text.p[i - 1] == '\r')))
            return i + 1;
    return 0;
}

// Appends the text, and returns what is left behind its end; its p is NULL where there is none.
static struct span take_apart(struct buf *out, struct span in, bool crlf)
{
    size_t n;
    while ((n = line_length(in, crlf))) {
        struct span line = {in.p, n};
        in = (struct span){in.p + n, in.n - n};
        if (span_equal(line, SPAN(".\r\n")) || (!crlf && span_equal(line, SPAN(".\n"))))
            return in;
        size_t dot = line.p[0] == '.';
        buf_put(out, line.p + dot, line.n - dot);
    }
    // What is there of the last line: ". CR" may still become the end.
    if (in.n && !span_equal(in, SPAN(".\r"))) {
        size_t dot = in.p[0] == '.';
        buf_put(out, in.p + dot, in.n - dot);
    }
    return (struct span){NULL, 0};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct stuffing s;
    char room[64];
    if (size < 2)
        return 0;
    struct span in = {(const char *)data + 2, size - 2};
    bool crlf = data[0] & 1;
    size_t step = data[1] % 16U + 1, most = data[0] / 2U % 60U + 2;
    struct buf want = BUF_INIT(size), got = BUF_INIT(size);
    struct span left = take_apart(&want, in, crlf);

    stuffing_init(&s, crlf);
    while (in.n && s.state != STUFFING_END) {
        size_t n = in.n < step ? in.n : step;
        struct span piece = {in.p, n};
        size_t put = stuffing_take(&s, &piece, room, most);
        if (put > most || (piece.n == n && put == 0))
            abort();
        buf_put(&got, room, put);
        in.p += n - piece.n;
        in.n -= n - piece.n;
    }
    if (!span_equal(buf_span(&want), buf_span(&got)))
        abort();
    if ((s.state == STUFFING_END) != (left.p != NULL) || (left.p && left.p != in.p))
        abort();
    buf_free(&want);
    buf_free(&got);
    return 0;
}
