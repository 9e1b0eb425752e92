// SPDX-License-Identifier: ISC
#include "config/settings.h"

#include <stdlib.h>
#include <string.h>

#include "config/value.h"

enum { SETTINGS_WHY_MAX = 1024 };

// Memory for n octets through base/buf.h, so that running out of it ends as it does there. The
// caller frees it.
static void *get_memory(size_t n)
{
    struct buf b = BUF_INIT(n);
    return buf_room(&b, n);
}

char *settings_keep(struct span s)
{
    char *p = get_memory(s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return p;
}

static void store_text(const struct option *o, void *into, struct span value)
{
    char **text = (char **)(void *)((char *)into + o->at);
    free(*text);
    *text = settings_keep(value);
}

void settings_store(const struct option *o, void *into, struct span value, uint64_t number)
{
    if (option_is_text(o))
        store_text(o, into, value);
    else
        *(uint64_t *)(void *)((char *)into + o->at) = number;
}

// Into an object whose texts are NULL or owned.
static void store_standards(enum option_section section, void *into)
{
    struct buf why = BUF_INIT(SETTINGS_WHY_MAX);
    for (size_t i = 0; i < option_count; i++) {
        const struct option *o = &option_table[i];
        struct span value = span_of(o->standard ? o->standard : "");
        uint64_t number = 0;
        if (o->section != section || (value.n && !value_read(o, value, &number, &why)))
            continue;
        settings_store(o, into, value, number);
    }
    buf_free(&why);
}

static void free_texts(enum option_section section, void *from)
{
    for (size_t i = 0; i < option_count; i++)
        if (option_table[i].section == section && option_is_text(&option_table[i]))
            free(*(char **)(void *)((char *)from + option_table[i].at));
}

void settings_free_accounts(struct config *c)
{
    for (size_t i = 0; i < c->n_accounts; i++)
        free_texts(OPTION_ACCOUNT, &c->accounts[i]);
    free(c->accounts);
    c->accounts = NULL;
    c->n_accounts = 0;
}

void config_free(struct config *c)
{
    settings_free_accounts(c);
    free_texts(OPTION_SENDOFF, c);
    free(c->path);
    buf_free(&c->search);
    buf_free(&c->ignored);
    buf_free(&c->problem);
    *c = (struct config){0};
}

struct config_account *settings_account(const struct config *c, struct span name)
{
    for (size_t i = 0; i < c->n_accounts; i++)
        if (span_equal_nocase(span_of(c->accounts[i].name), name))
            return &c->accounts[i];
    return NULL;
}

void settings_add_account(struct config *c, struct span name)
{
    if (!c->accounts) {
        size_t n = CONFIG_ACCOUNTS_MAX * sizeof *c->accounts;
        c->accounts = memset(get_memory(n), 0, n);
    }
    struct config_account *a = &c->accounts[c->n_accounts++];
    for (size_t i = 0; i < name.n; i++)
        a->name[i] = text_lower(name.p[i]);
    store_standards(OPTION_ACCOUNT, a);
}

void settings_init(struct config *c)
{
    *c = (struct config){.mode = CONFIG_SYSTEM};
    c->path = settings_keep(SPAN(""));
    store_standards(OPTION_SENDOFF, c);
}

const char *config_from(const struct config_account *a)
{
    if (a->from[0])
        return a->from;
    return !strchr(a->user, '%') && value_is_from(span_of(a->user)) ? a->user : "";
}

const struct config_account *config_account(const struct config *c, const char *name)
{
    const char *wanted = name[0] ? name : c->account;
    if (!wanted[0])
        return c->n_accounts ? &c->accounts[0] : NULL;
    return settings_account(c, span_of(wanted));
}
