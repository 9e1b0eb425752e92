// SPDX-License-Identifier: ISC
#include "sendoff/spools/select.h"

enum { RULES_MAX = 1 << 24 };

struct select_rule {
    enum select_kind kind;
    bool negated;
    struct span text;
};

void select_init(struct select *s)
{
    *s = (struct select){.rules = BUF_INIT(RULES_MAX)};
}

void select_free(struct select *s)
{
    buf_free(&s->rules);
}

void select_add(struct select *s, enum select_kind kind, bool negated, const char *text)
{
    struct select_rule rule = {.kind = kind, .negated = negated, .text = span_of(text)};
    buf_put(&s->rules, &rule, sizeof rule);
}

static bool has_recipient(const struct envelope *e, struct span part)
{
    for (size_t i = 0; i < envelope_count(e); i++)
        if (envelope_recipient(e, i)->status == RECIPIENT_WAITING &&
            span_find_nocase(span_of(envelope_address(e, i)), part))
            return true;
    return false;
}

static bool fits(const struct select_rule *rule, struct span id, const struct envelope *e)
{
    switch (rule->kind) {
    case SELECT_ID: return span_starts_nocase(id, rule->text);
    case SELECT_SENDER: return span_find_nocase(span_of(envelope_sender(e)), rule->text);
    case SELECT_RECIPIENT: return has_recipient(e, rule->text);
    }
    return false;
}

// By the rules of that kind alone; what the kind does not look at may be empty.
static bool rules_take(const struct select *s, enum select_kind kind, struct span id,
                       const struct envelope *e)
{
    const struct select_rule *rules = (const struct select_rule *)(const void *)s->rules.p;
    bool asked = false, found = false;
    for (size_t i = 0; i < s->rules.n / sizeof *rules; i++) {
        if (rules[i].kind != kind)
            continue;
        bool fit = fits(&rules[i], id, e);
        if (fit && rules[i].negated)
            return false;
        asked |= !rules[i].negated;
        found |= fit;
    }
    return found || !asked;
}

bool select_takes_id(const struct select *s, struct span id)
{
    return rules_take(s, SELECT_ID, id, NULL);
}

bool select_takes_envelope(const struct select *s, const struct envelope *e)
{
    return rules_take(s, SELECT_SENDER, SPAN(""), e) &&
           rules_take(s, SELECT_RECIPIENT, SPAN(""), e);
}

bool select_takes_held(const struct select *s, bool is_held)
{
    return is_held ? s->held || s->only_held : !s->only_held;
}
