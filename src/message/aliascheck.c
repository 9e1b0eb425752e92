// SPDX-License-Identifier: ISC
#include "message/aliascheck.h"

#include "message/address.h"

enum { LINE_MAX_OCTETS = 8192 };

struct check {
    const struct aliases *aliases;
    const char *file;
    struct buf *out;
    struct buf heights; // an octet for each entry, see below
    struct buf line;
};

// An entry's height: how many names its longest chain leads through, itself included. Those
// that are not known yet are 0; OPEN are those whose chain is just being followed.
enum { HEIGHT_OPEN = 255 };

static void complain(struct check *c, const struct alias *e, unsigned line, struct span value,
                     const char *reason)
{
    buf_clear(&c->line);
    alias_blame(&c->line, c->file, line, e->name, value, reason);
    buf_putc(&c->line, '\n');
    buf_put_span(c->out, buf_span(&c->line));
}

static void check_values(struct check *c, const struct alias *e)
{
    struct alias_reader r;
    struct alias_value v;
    bool any = false;
    alias_reader_init(&r, e);
    for (; alias_reader_next(&r, &v); any = true)
        if (v.reason)
            complain(c, e, v.line, v.text, v.reason);
    if (!any)
        complain(c, e, e->line, SPAN(""), "nobody stands behind the colon");
    alias_reader_free(&r);
}

static void check_entry(struct check *c, size_t i)
{
    struct alias e = aliases_entry(c->aliases, i);
    if (e.reason) {
        complain(c, &e, e.line, SPAN(""), e.reason);
        return;
    }
    if (e.first != i) {
        struct buf reason = BUF_INIT(100);
        buf_printf(&reason, "stands here twice; line %u counts",
                   aliases_entry(c->aliases, e.first).line);
        complain(c, &e, e.line, SPAN(""), buf_str(&reason));
        buf_free(&reason);
    }
    check_values(c, &e);
}

// Follows an entry's names, at most ALIASES_DEPTH_MAX deep, and returns its height. `depth` is
// how many names led to it.
static unsigned follow(struct check *c, size_t i, unsigned depth)
{
    struct alias e = aliases_entry(c->aliases, i);
    struct alias_reader r;
    struct alias_value v;
    unsigned height = 1;
    size_t next;
    c->heights.p[i] = (char)HEIGHT_OPEN;
    alias_reader_init(&r, &e);
    while (alias_reader_next(&r, &v)) {
        if (v.kind != ALIAS_MAILBOX || !address_is_bare(v.mailbox) ||
            !aliases_find(c->aliases, v.mailbox, &next))
            continue;
        unsigned below = (unsigned char)c->heights.p[next];
        if (below == HEIGHT_OPEN) {
            complain(c, &e, v.line, v.text, "leads back to itself");
            continue;
        }
        if (below == 0 && depth + 1 < ALIASES_DEPTH_MAX)
            below = follow(c, next, depth + 1);
        if (below == 0 || depth + 1 + below > ALIASES_DEPTH_MAX)
            complain(c, &e, v.line, v.text, "leads through too many names");
        else if (below >= height)
            height = below + 1;
    }
    alias_reader_free(&r);
    c->heights.p[i] = (char)height;
    return height;
}

static void check_chains(struct check *c)
{
    size_t count = aliases_count(c->aliases);
    for (size_t i = 0; i < count; i++)
        buf_putc(&c->heights, 0);
    for (size_t i = 0; i < count; i++) {
        struct alias e = aliases_entry(c->aliases, i);
        if (!e.reason && e.first == i && c->heights.p[i] == 0)
            follow(c, i, 0);
    }
}

void aliases_check(const struct aliases *a, const char *file, struct buf *out)
{
    struct check c = {
        .aliases = a,
        .file = file,
        .out = out,
        .heights = BUF_INIT(aliases_count(a)),
        .line = BUF_INIT(LINE_MAX_OCTETS),
    };
    for (size_t i = 0; i < aliases_count(a); i++)
        check_entry(&c, i);
    check_chains(&c);
    buf_free(&c.heights);
    buf_free(&c.line);
}
