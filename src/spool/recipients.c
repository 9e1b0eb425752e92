// SPDX-License-Identifier: ISC
#include "spool/recipients.h"

#include "message/address.h"
#include "spool/alias_file.h"

enum {
    TRAIL_MAX = 131072, // ALIASES_DEPTH_MAX steps: a mailbox, and the path of the file
    COMPLAINT_MAX = 8192,
};

// How far an alias has been followed: an octet for each entry.
enum { ALIAS_NEW, ALIAS_OPEN, ALIAS_DONE };

struct walk {
    const struct recipients_rules *rules;
    struct envelope *out;
    struct buf *why;
    struct span options; // of the named recipient
    struct alias_file file;
    struct buf states;   // empty where the file has no entries
    struct buf trail;    // how the mailbox at hand came about; kept only where somebody asks
    struct buf complete; // scratch
    bool loaded;
    bool failed; // `why` tells
};

void recipients_complete(struct buf *out, struct span mailbox, struct span domain)
{
    buf_put_span(out, mailbox);
    if (mailbox.n && domain.n && address_is_bare(mailbox)) {
        buf_putc(out, '@');
        buf_put_span(out, domain);
    }
}

static void skip(const struct walk *w, const struct alias *e, const struct alias_value *v,
                 const char *reason)
{
    struct buf text = BUF_INIT(COMPLAINT_MAX);
    if (!w->rules->skipped)
        return;
    alias_blame(&text, w->rules->aliases, v->line, e->name, v->text, reason);
    w->rules->skipped(w->rules->arg, buf_str(&text));
    buf_free(&text);
}

static void load_aliases(struct walk *w)
{
    struct buf why = BUF_INIT(COMPLAINT_MAX);
    w->loaded = true;
    if (alias_file_read(&w->file, w->rules->aliases, &why) == ALIAS_FILE_BAD &&
        w->rules->skipped)
        w->rules->skipped(w->rules->arg, buf_str(&why));
    size_t count = aliases_count(&w->file.aliases);
    w->states = (struct buf)BUF_INIT(count);
    for (size_t i = 0; i < count; i++)
        buf_putc(&w->states, ALIAS_NEW);
    buf_free(&why);
}

static bool find_alias(struct walk *w, struct span name, size_t *which)
{
    if (!w->rules->aliases[0])
        return false;
    if (!w->loaded)
        load_aliases(w);
    return w->states.p && aliases_find(&w->file.aliases, name, which);
}

// A step of the trail: "root", then " -> ada@example.org (/etc/aliases:3)".
static void tread(struct walk *w, struct span mailbox, const char *how, unsigned line)
{
    if (!w->rules->reached)
        return;
    buf_printf(&w->trail, "%s%.*s", w->trail.n ? " -> " : "", SPAN_ARGS(mailbox));
    if (line)
        buf_printf(&w->trail, " (%s:%u)", how, line);
    else if (how[0])
        buf_printf(&w->trail, " (%s)", how);
}

static bool add(struct walk *w, struct span mailbox)
{
    if (!envelope_add(w->out, mailbox, w->options)) {
        buf_puts(w->why, "too many recipients");
        w->failed = true;
        return false;
    }
    if (w->rules->reached)
        w->rules->reached(w->rules->arg, mailbox, buf_str(&w->trail));
    return true;
}

// Where a name goes that is no alias.
static bool settle_name(struct walk *w, struct span name)
{
    const struct recipients_rules *rules = w->rules;
    size_t mark = w->trail.n;
    struct span mailbox = rules->local_to;
    if (mailbox.n) {
        tread(w, mailbox, "local_to", 0);
    } else {
        buf_clear(&w->complete);
        recipients_complete(&w->complete, name, rules->domain);
        mailbox = buf_span(&w->complete);
        if (rules->domain.n)
            tread(w, mailbox, "domain", 0);
    }
    bool good = !w->complete.over && add(w, mailbox);
    if (!good && !w->failed) {
        buf_printf(w->why, "%.*s: address too long", SPAN_ARGS(name));
        w->failed = true;
    }
    buf_cut(&w->trail, mark);
    return good;
}

// NULL, or why a value can not be followed. What a file says must never fail a message.
static const char *obstacle(struct walk *w, const struct alias_value *v, unsigned depth)
{
    size_t next;
    if (v->reason || !address_is_bare(v->mailbox))
        return v->reason;
    if (v->mailbox.n + 1 + w->rules->domain.n > ENVELOPE_ADDRESS_MAX)
        return "too long";
    if (v->kind == ALIAS_FINAL || !find_alias(w, v->mailbox, &next))
        return NULL;
    if (w->states.p[next] == ALIAS_OPEN)
        return "leads back to itself";
    return depth + 1 == ALIASES_DEPTH_MAX ? "leads through too many names" : NULL;
}

// Follows a mailbox to the end, and says whether it led to anybody; a name that was followed
// before did. `depth` is how many names led to it.
static bool reach(struct walk *w, struct span mailbox, bool lookup, unsigned depth)
{
    size_t which;
    struct alias_reader r;
    struct alias_value v;
    bool any = false;
    if (!address_is_bare(mailbox))
        return add(w, mailbox);
    if (!lookup || !find_alias(w, mailbox, &which))
        return settle_name(w, mailbox);
    if (w->states.p[which] == ALIAS_DONE)
        return true;
    struct alias e = aliases_entry(&w->file.aliases, which);
    w->states.p[which] = ALIAS_OPEN;
    alias_reader_init(&r, &e);
    while (!w->failed && alias_reader_next(&r, &v)) {
        const char *reason = obstacle(w, &v, depth);
        if (reason) {
            skip(w, &e, &v, reason);
            continue;
        }
        size_t mark = w->trail.n;
        tread(w, v.mailbox, w->rules->aliases, v.line);
        any = reach(w, v.mailbox, v.kind == ALIAS_MAILBOX, depth + 1) || any;
        buf_cut(&w->trail, mark);
    }
    alias_reader_free(&r);
    w->states.p[which] = ALIAS_DONE;
    return any || (!w->failed && settle_name(w, mailbox));
}

bool recipients_resolve(struct envelope *e, const struct envelope *named,
                        const struct recipients_rules *rules, struct buf *why)
{
    struct walk w = {
        .rules = rules,
        .out = e,
        .why = why,
        .trail = BUF_INIT(TRAIL_MAX),
        .complete = BUF_INIT(ENVELOPE_ADDRESS_MAX),
    };
    for (size_t i = 0; !w.failed && i < envelope_count(named); i++) {
        struct span mailbox = span_of(envelope_address(named, i));
        struct span own = span_of(envelope_recipient_options(named, i));
        w.options = own.n ? own : rules->options;
        buf_clear(&w.trail);
        tread(&w, mailbox, "", 0);
        (void)reach(&w, mailbox, true, 0);
    }
    alias_file_free(&w.file);
    buf_free(&w.states);
    buf_free(&w.trail);
    buf_free(&w.complete);
    return !w.failed;
}
