// SPDX-License-Identifier: ISC
#include <string.h>

#include "config/config.h"
#include "config/options.h"
#include "config/value.h"

// In quotes where the reader would take it otherwise without them. The file had the value in
// one kind of quotes or in none, so that there is always a kind that it does not hold.
static void put_text(const char *value, struct buf *out)
{
    size_t n = strlen(value);
    bool plain = !strpbrk(value, ";#") && value[0] != '"' && value[0] != '\'' &&
                 !text_is_blank(value[0]) && !text_is_blank(value[n - 1]) &&
                 value[n - 1] != '\\';
    const char *quote = plain ? "" : strchr(value, '"') ? "'" : "\"";
    buf_printf(out, "%s%s%s", quote, value, quote);
}

static void put_row(const struct option *o, const void *from, struct buf *out)
{
    if (option_is_text(o)) {
        const char *value = *(char *const *)((const char *)from + o->at);
        buf_printf(out, "%s%s =", value[0] ? "" : "#", o->key);
        if (value[0]) {
            buf_putc(out, ' ');
            put_text(value, out);
        }
    } else {
        buf_printf(out, "%s = ", o->key);
        value_write(o, *(const uint64_t *)(const void *)((const char *)from + o->at), out);
    }
    buf_putc(out, '\n');
}

static void put_section(enum option_section section, const char *name, const void *from,
                        struct buf *out)
{
    buf_printf(out, "[%s]\n", name);
    for (size_t i = 0; i < option_count; i++)
        if (option_table[i].section == section)
            put_row(&option_table[i], from, out);
}

void config_print(const struct config *c, struct buf *out)
{
    struct config whole = *c;
    if (!whole.account[0] && c->n_accounts)
        whole.account = c->accounts[0].name;
    put_section(OPTION_SENDOFF, "sendoff", &whole, out);
    for (size_t i = 0; i < c->n_accounts; i++) {
        struct config_account shown = c->accounts[i];
        if (shown.port == 0)
            shown.port = shown.tls == TLS_IMPLICIT ? 465 : 587;
        if (!shown.tls_name[0])
            shown.tls_name = shown.host;
        if (shown.sender == SENDER_FORCE && config_from(&shown) == shown.user)
            shown.from = shown.user;
        buf_putc(out, '\n');
        put_section(OPTION_ACCOUNT, shown.name, &shown, out);
    }
}
