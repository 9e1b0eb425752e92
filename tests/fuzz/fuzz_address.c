// SPDX-License-Identifier: ISC
// links: message
// Whatever list comes in: each mailbox is UTF-8 without control characters, comes from within
// the text, and is read again as itself.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "message/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_mailbox(struct span mailbox)
{
    struct buf again = BUF_INIT(10000);
    if (mailbox.n == 0 || address_path(&again, mailbox) != NULL ||
        !span_equal(buf_span(&again), mailbox))
        abort();
    while (mailbox.n) {
        size_t n = text_utf8(mailbox);
        if (n == 0 || text_is_control(mailbox.p[0]))
            abort();
        mailbox.p += n;
        mailbox.n -= n;
    }
    buf_free(&again);
}

static void check_list(struct span text, bool folded)
{
    struct address_list l;
    struct address a;
    enum address_answer answer;
    const char *end = text.p + text.n;
    const char *behind = text.p;
    address_init(&l, text, folded);
    while ((answer = address_next(&l, &a)) == ADDRESS_ONE) {
        check_mailbox(a.mailbox);
        if (a.bare != address_is_bare(a.mailbox))
            abort();
        if (a.source.p < behind || a.source.n == 0 || a.source.p + a.source.n > end)
            abort();
        if (a.name.n && (a.name.p < behind || a.name.p + a.name.n > a.source.p))
            abort();
        behind = a.source.p + a.source.n;
    }
    if (answer == ADDRESS_BAD && (!l.reason || address_next(&l, &a) != ADDRESS_BAD ||
                                  l.bad.p < text.p || l.bad.p + l.bad.n > end))
        abort();
    address_free(&l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    // A copy of its own size, so that a step behind its end is seen.
    char *copy = malloc(size ? size : 1);
    struct buf path = BUF_INIT(10000);
    if (!copy)
        return 0;
    if (size)
        memcpy(copy, data, size);
    struct span text = {copy, size};
    check_list(text, false);
    check_list(text, true);
    const char *reason = address_path(&path, text);
    if (reason ? path.n != 0 : path.n != 0 && memchr(path.p, '\n', path.n))
        abort();
    if (path.n)
        check_mailbox(buf_span(&path));
    buf_free(&path);
    free(copy);
    return 0;
}
