// SPDX-License-Identifier: ISC
// links: message
// Any octets as an aliases file: entries stand in the text in order and find themselves, values
// are either sound mailboxes or refused with a reason, and the check ends.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "message/address.h"
#include "message/aliascheck.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_value(const struct alias_value *v)
{
    struct buf again = BUF_INIT(10000);
    if (v->text.n == 0)
        abort();
    if (v->kind != ALIAS_MAILBOX && v->kind != ALIAS_FINAL) {
        if (!v->reason || v->mailbox.n)
            abort();
        return;
    }
    if (v->reason || v->mailbox.n == 0)
        abort();
    if (address_is_bare(v->mailbox) && strchr("|/", v->mailbox.p[v->mailbox.p[0] == '"']))
        abort();
    if (address_path(&again, v->mailbox) || !span_equal(buf_span(&again), v->mailbox))
        abort();
    buf_free(&again);
}

static void check_entry(const struct aliases *a, size_t i)
{
    struct alias e = aliases_entry(a, i);
    struct alias_reader r;
    struct alias_value v;
    size_t which;
    unsigned line = e.line;
    if (!e.reason && (!aliases_find(a, e.name, &which) || which != e.first || which > i))
        abort();
    alias_reader_init(&r, &e);
    while (alias_reader_next(&r, &v)) {
        if (v.line < line)
            abort();
        line = v.line;
        check_value(&v);
    }
    if (i + 1 < aliases_count(a) && line >= aliases_entry(a, i + 1).line)
        abort();
    alias_reader_free(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct aliases a;
    struct buf out = BUF_INIT(1 << 16);
    // A copy of its own size, so that a step behind its end is seen.
    char *copy = malloc(size ? size : 1);
    if (!copy)
        return 0;
    if (size)
        memcpy(copy, data, size);
    aliases_init(&a, (struct span){copy, size});
    const char *behind = copy;
    for (size_t i = 0; i < aliases_count(&a); i++) {
        struct alias e = aliases_entry(&a, i);
        if (e.list.p < behind || e.list.p + e.list.n > copy + size)
            abort();
        behind = e.list.p + e.list.n;
        check_entry(&a, i);
    }
    aliases_check(&a, "f", &out);
    if (memchr(buf_str(&out), '\x1b', out.n) || (out.n && out.p[out.n - 1] != '\n'))
        abort();
    aliases_free(&a);
    buf_free(&out);
    free(copy);
    return 0;
}
