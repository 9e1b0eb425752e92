// SPDX-License-Identifier: ISC
#include "message/complete.h"

#include "message/address.h"

void complete_field(struct buf *out, const struct field *f, struct span domain)
{
    struct address_list l;
    struct address a;
    enum address_answer answer;
    size_t start = out->n;
    const char *from = f->raw.p;
    const char *end = f->raw.p + f->raw.n;
    address_init(&l, f->body, true);
    while ((answer = address_next(&l, &a)) == ADDRESS_ONE) {
        if (!a.bare)
            continue;
        const char *behind = a.source.p + a.source.n;
        buf_put(out, from, (size_t)(behind - from));
        buf_putc(out, '@');
        buf_put_span(out, domain);
        from = behind;
    }
    if (answer == ADDRESS_BAD) {
        buf_cut(out, start);
        from = f->raw.p;
    }
    buf_put(out, from, (size_t)(end - from));
    address_free(&l);
}
