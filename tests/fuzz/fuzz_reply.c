// SPDX-License-Identifier: ISC
// links: smtp
// Replies out of any octets: the same in pieces as whole, within the limits, and clean.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

static void check_clean(struct span text)
{
    for (size_t i = 0; i < text.n; i++)
        check(!text_is_control(text.p[i]) || text.p[i] == '\n');
}

static void check_reply(const struct reply *r)
{
    struct outcome o = {.verdict = VERDICT_DEFERRED};
    check(r->code >= 200 && r->code <= 599);
    check(r->status[0] == 0 || r->status[0] == r->code / 100);
    check(r->lines >= 1 && r->lines <= REPLY_LINES_MAX && r->text.n <= REPLY_MAX);
    check_clean(buf_span(&r->text));
    reply_outcome(r, &o);
    check(o.status[0] == r->code / 100 && strlen(o.text) <= OUTCOME_TEXT_MAX);
    check_clean(span_of(o.text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reply whole, pieces;
    if (size < 1)
        return 0;
    size_t piece = 1 + data[0] % 16, at = 0, used;
    const char *p = (const char *)data + 1;
    size--;
    reply_init(&whole);
    reply_init(&pieces);
    enum reply_result result = REPLY_DONE;
    while (at < size && result == REPLY_DONE) {
        result = reply_push(&whole, p + at, size - at, &used);
        enum reply_result other = REPLY_MORE;
        size_t end = at + used;
        check(end <= size);
        // A line that is too long is known sooner in pieces.
        while (at < end && other == REPLY_MORE) {
            size_t n = end - at < piece ? end - at : piece;
            other = reply_push(&pieces, p + at, n, &used);
            check(used <= n);
            at += used;
        }
        check(result == other);
        if (result == REPLY_DONE) {
            check(at == end);
            check_reply(&whole);
            check(whole.code == pieces.code);
            check(span_equal(buf_span(&whole.text), buf_span(&pieces.text)));
        }
    }
    reply_free(&whole);
    reply_free(&pieces);
    return 0;
}
