// SPDX-License-Identifier: ISC
// links: message
// Whatever comes in, and however it is cut: the header has no CR and no NUL, every line of it
// is ended, every field has a name, and it is the same as when it is read whole.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "message/header.h"
#include "message/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum header_answer read_header(struct header *h, struct span in, size_t step)
{
    struct lines l;
    enum header_answer answer = HEADER_MORE;
    enum lines_answer got;
    struct span line;
    lines_init(&l, LINES_DOT_LAST, false);
    while (answer == HEADER_MORE && (got = lines_line(&l, &line)) != LINES_END) {
        if (got == LINES_TEXT) {
            answer = header_push(h, line);
            lines_took(&l);
            continue;
        }
        size_t n;
        char *room = lines_room(&l, &n);
        if (in.n == 0) {
            lines_end(&l);
            continue;
        }
        n = n < in.n ? n : in.n;
        n = n < step ? n : step;
        memcpy(room, in.p, n);
        lines_grew(&l, n);
        in.p += n;
        in.n -= n;
    }
    lines_free(&l);
    return answer;
}

static void check(struct span text)
{
    struct field f;
    struct span rest = text;
    size_t n = 0;
    if (text.n && (memchr(text.p, '\r', text.n) || memchr(text.p, '\0', text.n) ||
                   text.p[text.n - 1] != '\n'))
        abort();
    for (; field_next(&rest, &f); n += f.raw.n)
        if (f.name.n == 0 || f.raw.p != text.p + n || f.body.n >= f.raw.n)
            abort();
    if (n != text.n)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct header whole;
    struct header parts;
    if (size == 0)
        return 0;
    struct span in = {(const char *)data + 1, size - 1};
    header_init(&whole);
    header_init(&parts);
    if (read_header(&whole, in, SIZE_MAX) != read_header(&parts, in, data[0] % 7 + 1) ||
        !span_equal(buf_span(&whole.text), buf_span(&parts.text)))
        abort();
    check(buf_span(&whole.text));
    header_free(&whole);
    header_free(&parts);
    return 0;
}
