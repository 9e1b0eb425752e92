// SPDX-License-Identifier: ISC
// links: message
// What a client of the drop sends, and what it is answered: however it is cut to pieces, the
// same comes of it; no more data than was said; and answers that are understood are written
// again as they were.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "message/handin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Appends a letter for each event, and the data.
static void play(struct handin *h, struct span in, struct buf *out, bool *bad)
{
    struct span data, before = in;
    while (!*bad) {
        enum handin_event event = handin_next(h, &in, &data);
        if (event == HANDIN_MORE)
            return;
        if (event == HANDIN_DATA) {
            if (!data.n || data.p < before.p || data.p + data.n > before.p + before.n)
                abort();
            buf_put_span(out, data);
        } else {
            buf_putc(out, (char)event);
        }
        *bad = event == HANDIN_BAD;
        if (event == HANDIN_END && h->left)
            abort();
    }
}

static void check_dialogue(struct span text, size_t piece)
{
    struct handin whole, parts;
    struct buf one = BUF_INIT(1 << 20), two = BUF_INIT(1 << 20);
    bool bad = false, also = false;
    handin_init(&whole);
    handin_init(&parts);
    play(&whole, text, &one, &bad);
    for (size_t at = 0; at < text.n; at += piece) {
        size_t n = text.n - at < piece ? text.n - at : piece;
        play(&parts, (struct span){text.p + at, n}, &two, &also);
    }
    if (!span_equal(buf_span(&one), buf_span(&two)) || whole.octets != parts.octets ||
        strcmp(whole.ticket, parts.ticket) != 0)
        abort();
    buf_free(&one);
    buf_free(&two);
}

static void check_answer(struct span line)
{
    struct handin_answer a, again;
    struct buf text = BUF_INIT(HANDIN_ANSWER_MAX);
    if (!handin_parse_answer(&a, line))
        return;
    handin_put_answer(&text, &a);
    if (text.over || text.p[text.n - 1] != '\n' || memchr(text.p, '\n', text.n - 1) ||
        !handin_parse_answer(&again, (struct span){text.p, text.n - 1}) ||
        a.verdict != again.verdict || a.status != again.status || strcmp(a.id, again.id) != 0 ||
        strcmp(a.text, again.text) != 0)
        abort();
    buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = {(const char *)data, size}, line;
    check_dialogue(text, 1);
    check_dialogue(text, 1 + size / 3);
    while (span_cut(&text, '\n', &line))
        check_answer(line);
    return 0;
}
