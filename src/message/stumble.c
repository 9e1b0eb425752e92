// SPDX-License-Identifier: ISC
#include "message/stumble.h"

static const struct span names[] = {SPAN_INIT("chunking"), SPAN_INIT("pipelining"),
                                    SPAN_INIT("parameters"), SPAN_INIT("dsn"),
                                    SPAN_INIT("body")};

enum { NAMES = sizeof names / sizeof *names };

void stumble_put(struct buf *out, unsigned set)
{
    size_t start = out->n;
    for (unsigned i = 0; i < NAMES; i++) {
        if (!(set & 1U << i))
            continue;
        if (out->n > start)
            buf_putc(out, ',');
        buf_put_span(out, names[i]);
    }
    if (out->n == start)
        buf_putc(out, '-');
}

static bool is_name(struct span name)
{
    for (size_t i = 0; i < name.n; i++)
        if (!text_is_alnum(name.p[i]) && name.p[i] != '-')
            return false;
    return name.n > 0;
}

bool stumble_take(struct span word, unsigned *set)
{
    struct span rest = word, name;
    unsigned found = 0;
    while (span_cut(&rest, ',', &name)) {
        if (!is_name(name))
            return false;
        for (unsigned i = 0; i < NAMES; i++)
            if (span_equal(name, names[i]))
                found |= 1U << i;
    }
    if (word.n == 0)
        return false;
    *set = found;
    return true;
}
