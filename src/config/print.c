// SPDX-License-Identifier: ISC
#include <string.h>

#include "config/config.h"
#include "config/hosts.h"
#include "config/options.h"
#include "config/value.h"

static void put_row(const struct option *o, const void *from, struct buf *out)
{
    if (option_is_text(o)) {
        const char *value = *(char *const *)((const char *)from + o->at);
        buf_printf(out, "%s%s =", value[0] ? "" : "#", o->key);
        if (value[0]) {
            buf_putc(out, ' ');
            value_quote(out, value);
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

// Whether the hosts are just one, written as its certificate says it.
static bool is_one_name(struct span hosts)
{
    struct span rest = hosts;
    struct host h;
    return hosts_next(&rest, &h) && hosts_count(hosts) == 1 && !h.srv &&
           span_equal(h.name, span_trim(hosts));
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
        if (!shown.tls_name[0] && is_one_name(span_of(shown.host)))
            shown.tls_name = shown.host;
        if (shown.sender == SENDER_FORCE && config_from(&shown) == shown.user)
            shown.from = shown.user;
        buf_putc(out, '\n');
        put_section(OPTION_ACCOUNT, shown.name, &shown, out);
    }
}
