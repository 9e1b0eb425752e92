// SPDX-License-Identifier: ISC
#include "message/policy.h"

#include <string.h>

#include "message/address.h"
#include "message/author.h"
#include "message/complete.h"
#include "message/fields.h"
#include "message/header.h"
#include "message/phrase.h"

// ---- Addresses

static void put_plain(struct buf *out, struct span name)
{
    for (size_t i = 0; i < name.n; i++) {
        bool plain = text_is_alnum(name.p[i]) || (name.p[i] && strchr("._+-", name.p[i]));
        buf_putc(out, plain ? name.p[i] : '-');
    }
}

static void put_filled(struct buf *out, struct span pattern, struct span login,
                       struct span host)
{
    for (size_t i = 0; i < pattern.n; i++) {
        char next = pattern.p[i] == '%' && i + 1 < pattern.n ? pattern.p[i + 1] : '\0';
        if (next == 'u')
            put_plain(out, login);
        else if (next == 'h')
            put_plain(out, host);
        else
            buf_putc(out, pattern.p[i]);
        if (next)
            i++;
    }
}

bool policy_from(struct buf *out, struct span pattern, struct span login, struct span host)
{
    struct buf text = BUF_INIT(ENVELOPE_ADDRESS_MAX), mailbox = BUF_INIT(ENVELOPE_ADDRESS_MAX);
    put_filled(&text, pattern, login, host);
    bool good = !text.over && !address_path(&mailbox, buf_span(&text)) && mailbox.n &&
                !address_is_bare(buf_span(&mailbox));
    if (good)
        buf_put_span(out, buf_span(&mailbox));
    buf_free(&text);
    buf_free(&mailbox);
    return good;
}

bool policy_sender(struct buf *out, const struct policy *p, struct span sender)
{
    bool bare = p->mode == POLICY_QUALIFY && address_is_bare(sender);
    if (bare && !p->domain.n)
        return false;
    if (sender.n == 0 ? p->rewrite_null : p->mode == POLICY_FORCE)
        buf_put_span(out, p->from);
    else
        buf_put_span(out, sender);
    if (bare) {
        buf_putc(out, '@');
        buf_put_span(out, p->domain);
    }
    return true;
}

// ---- The header

struct rewrite {
    struct buf *out;
    const struct policy *policy;
    bool has_from;     // one was written
    bool has_reply_to; // the message came with one that says something
};

static void put_reply_to(struct rewrite *w, const struct author *a)
{
    if (w->has_reply_to || !a->foreign)
        return;
    buf_printf(w->out, "%s: ", field_title(FIELD_REPLY_TO));
    buf_put_span(w->out, buf_span(&a->full));
    buf_putc(w->out, '\n');
}

static void put_new(struct rewrite *w, enum field_id id, struct span name)
{
    buf_printf(w->out, "%s: ", field_title(id));
    author_put(w->out, name, w->policy->from);
    buf_putc(w->out, '\n');
}

// The field with another address in place of its own, and every other octet as it was.
static void put_replaced(struct rewrite *w, const struct field *f, struct span source)
{
    const char *behind = source.p + source.n;
    buf_put(w->out, f->raw.p, (size_t)(source.p - f->raw.p));
    buf_put_span(w->out, w->policy->from);
    buf_put(w->out, behind, (size_t)(f->raw.p + f->raw.n - behind));
}

static void put_made(struct rewrite *w, enum field_id id)
{
    struct buf name = BUF_INIT(FIXUP_MAX);
    phrase_put(&name, w->policy->login, strlen(field_title(id)) + 2);
    put_new(w, id, buf_span(&name));
    buf_free(&name);
}

static void put_author(struct rewrite *w, const struct field *f, enum field_id id)
{
    struct author a;
    author_read(&a, f->body, w->policy->from);
    if (a.lone && !a.foreign)
        buf_put_span(w->out, f->raw);
    else if (a.lone)
        put_replaced(w, f, a.source);
    else if (a.mailbox.n || a.name.n)
        put_new(w, id, buf_span(&a.name));
    else
        put_made(w, id);
    if (id == FIELD_FROM)
        put_reply_to(w, &a);
    author_free(&a);
}

static void put_completed(struct rewrite *w, const struct field *f, enum field_id id)
{
    if (w->policy->domain.n && (field_flags(id) & FIELD_COMPLETED))
        complete_field(w->out, f, w->policy->domain);
    else
        buf_put_span(w->out, f->raw);
}

static void put_forced(struct rewrite *w, const struct field *f)
{
    enum field_id id = field_find(f->name);
    switch (id) {
    case FIELD_SENDER:
    case FIELD_RESENT_SENDER: break;
    case FIELD_RESENT_FROM: put_author(w, f, id); break;
    case FIELD_FROM:
        if (!w->has_from)
            put_author(w, f, id);
        w->has_from = true;
        break;
    case FIELD_REPLY_TO:
        // An empty one says nothing, and would stand beside the one that is made.
        if (span_trim(f->body).n)
            put_completed(w, f, id);
        break;
    default: put_completed(w, f, id); break;
    }
}

static bool has_reply_to(struct span header)
{
    struct field f;
    while (field_next(&header, &f))
        if (field_find(f.name) == FIELD_REPLY_TO && span_trim(f.body).n)
            return true;
    return false;
}

bool policy_header(struct buf *out, const struct policy *p, struct span header)
{
    struct rewrite w = {.out = out, .policy = p};
    struct field f;
    if (p->mode == POLICY_KEEP) {
        buf_put_span(out, header);
        return !out->over;
    }
    bool forced = p->mode == POLICY_FORCE;
    w.has_reply_to = forced && has_reply_to(header);
    while (field_next(&header, &f))
        if (forced)
            put_forced(&w, &f);
        else
            put_completed(&w, &f, field_find(f.name));
    if (forced && !w.has_from)
        put_made(&w, FIELD_FROM);
    return !out->over;
}
