// SPDX-License-Identifier: ISC
#include "base/json.h"

#include <inttypes.h>

static void put_key(struct buf *out, const char *key)
{
    char last = out->n ? out->p[out->n - 1] : '{';
    if (last != '{' && last != '[' && last != '\n')
        buf_putc(out, ',');
    if (key)
        buf_printf(out, "\"%s\":", key);
}

void json_open(struct buf *out, const char *key, char bracket)
{
    put_key(out, key);
    buf_putc(out, bracket);
}

void json_close(struct buf *out, char bracket)
{
    buf_putc(out, bracket);
}

void json_text(struct buf *out, const char *key, struct span text)
{
    struct buf clean = BUF_INIT(text.n + 1);
    text_clean(&clean, text, text.n);
    put_key(out, key);
    buf_putc(out, '"');
    for (size_t i = 0; i < clean.n; i++) {
        if (clean.p[i] == '"' || clean.p[i] == '\\')
            buf_putc(out, '\\');
        buf_putc(out, clean.p[i]);
    }
    buf_putc(out, '"');
    buf_free(&clean);
}

void json_number(struct buf *out, const char *key, int64_t number)
{
    put_key(out, key);
    buf_printf(out, "%" PRId64, number);
}

void json_null(struct buf *out, const char *key)
{
    put_key(out, key);
    buf_puts(out, "null");
}
