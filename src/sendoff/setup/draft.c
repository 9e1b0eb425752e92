// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/setup/draft.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "config/options.h"
#include "config/value.h"

enum { DRAFT_VALUE_MAX = 1024, DRAFT_NOTE_MAX = 512, DRAFT_PASSWORD_MAX = 4096 };

struct draft_section {
    char name[CONFIG_NAME_MAX + 1];
    char password[DRAFT_PASSWORD_MAX + 1];
};

struct draft_setting {
    size_t section;
    const struct option *option;
    char value[DRAFT_VALUE_MAX + 1];
};

static struct draft_section *section_at(const struct draft *d, size_t i)
{
    return (struct draft_section *)(void *)d->sections.p + i;
}

static size_t count_settings(const struct draft *d)
{
    return d->settings.n / sizeof(struct draft_setting);
}

static struct draft_setting *setting_at(const struct draft *d, size_t i)
{
    return (struct draft_setting *)(void *)d->settings.p + i;
}

void draft_init(struct draft *d)
{
    static const struct draft_section global = {.name = "sendoff"};
    *d = (struct draft){
        // Never moved while it grows: nothing of a password is left behind.
        .sections = BUF_INIT((CONFIG_ACCOUNTS_MAX + 1) * sizeof global),
        .settings = BUF_INIT(1 << 24),
        .notes = BUF_INIT(1 << 20),
    };
    if (buf_room(&d->sections, (CONFIG_ACCOUNTS_MAX + 1) * sizeof global - 1))
        buf_put(&d->sections, &global, sizeof global);
}

void draft_free(struct draft *d)
{
    if (d->sections.p)
        explicit_bzero(d->sections.p, d->sections.n);
    buf_free(&d->sections);
    buf_free(&d->settings);
    buf_free(&d->notes);
}

size_t draft_count(const struct draft *d)
{
    return d->sections.n / sizeof(struct draft_section);
}

const char *draft_name(const struct draft *d, size_t section)
{
    return section_at(d, section)->name;
}

static bool is_name_char(char c)
{
    return text_is_alnum(c) || c == '-' || c == '_';
}

static bool is_taken(const struct draft *d, const char *name)
{
    for (size_t i = 0; i < draft_count(d); i++)
        if (span_equal_nocase(span_of(draft_name(d, i)), span_of(name)))
            return true;
    return false;
}

size_t draft_account(struct draft *d, struct span name)
{
    static struct draft_section s;
    size_t n = 0;
    s = (struct draft_section){.name = ""};
    for (size_t i = 0; i < name.n && n < CONFIG_NAME_MAX - 4; i++)
        if (n ? is_name_char(name.p[i]) : text_is_alnum(name.p[i]))
            s.name[n++] = text_lower(name.p[i]);
    if (!n)
        snprintf(s.name, sizeof s.name, "account");
    n = strlen(s.name);
    for (unsigned number = 2; is_taken(d, s.name) && number < 1000; number++)
        snprintf(s.name + n, sizeof s.name - n, "%u", number);
    buf_put(&d->sections, &s, sizeof s);
    return draft_count(d) - 1;
}

// ---- Values

static struct draft_setting *find_setting(const struct draft *d, size_t section,
                                          const struct option *option)
{
    for (size_t i = 0; i < count_settings(d); i++)
        if (setting_at(d, i)->section == section && setting_at(d, i)->option == option)
            return setting_at(d, i);
    return NULL;
}

static const struct option *row_of(size_t section, const char *key)
{
    return option_find(section == DRAFT_GLOBAL ? OPTION_SENDOFF : OPTION_ACCOUNT, span_of(key));
}

// What no line of a config can hold: there is no escape in quotes.
static bool can_be_written(struct span value)
{
    bool both = value.n && memchr(value.p, '"', value.n) && memchr(value.p, '\'', value.n);
    for (size_t i = 0; i < value.n; i++)
        if (text_is_control(value.p[i]))
            return false;
    return !both && value.n < DRAFT_VALUE_MAX - 64;
}

bool draft_set(struct draft *d, size_t section, const char *key, struct span value,
               struct buf *why)
{
    const struct option *option = row_of(section, key);
    uint64_t number;
    if (!option) {
        buf_printf(why, "there is no key %s", key);
        return false;
    }
    struct draft_setting *old = find_setting(d, section, option), fresh = {.section = section};
    if (value.n && !can_be_written(value)) {
        buf_puts(why, "no line of a config can hold it");
        return false;
    }
    if (value.n && !value_read(option, value, &number, why))
        return false;
    fresh.option = option;
    if (value.n)
        memcpy(fresh.value, value.p, value.n);
    if (old)
        *old = fresh;
    else
        buf_put(&d->settings, &fresh, sizeof fresh);
    return true;
}

const char *draft_get(const struct draft *d, size_t section, const char *key)
{
    const struct option *option = row_of(section, key);
    const struct draft_setting *s = option ? find_setting(d, section, option) : NULL;
    return s ? s->value : "";
}

void draft_inherit(struct draft *d, size_t from, size_t to)
{
    size_t n = count_settings(d);
    for (size_t i = 0; i < n; i++) {
        struct draft_setting s = *setting_at(d, i);
        if (s.section != from || find_setting(d, to, s.option))
            continue;
        s.section = to;
        buf_put(&d->settings, &s, sizeof s);
    }
    if (!section_at(d, to)->password[0])
        memcpy(section_at(d, to)->password, section_at(d, from)->password,
               DRAFT_PASSWORD_MAX + 1);
}

void draft_set_password(struct draft *d, size_t section, struct span password)
{
    char *to = section_at(d, section)->password;
    size_t n = password.n < DRAFT_PASSWORD_MAX ? password.n : DRAFT_PASSWORD_MAX;
    explicit_bzero(to, DRAFT_PASSWORD_MAX + 1);
    if (n)
        memcpy(to, password.p, n);
}

void draft_drop(struct draft *d, size_t section)
{
    explicit_bzero(section_at(d, section), sizeof(struct draft_section));
    for (size_t i = 0; i < count_settings(d); i++)
        if (setting_at(d, i)->section == section)
            setting_at(d, i)->value[0] = '\0';
}

const char *draft_password(const struct draft *d, size_t section)
{
    return section_at(d, section)->password;
}

// ---- Text

void draft_note(struct draft *d, const char *file, unsigned line, const char *fmt, ...)
{
    char text[DRAFT_NOTE_MAX];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    text_clean(&d->notes, span_of(file), DRAFT_NOTE_MAX);
    if (line)
        buf_printf(&d->notes, ":%u", line);
    buf_puts(&d->notes, ": ");
    text_clean(&d->notes, span_of(n < 0 ? "" : text), DRAFT_NOTE_MAX);
    buf_putc(&d->notes, '\n');
}

static void put_section(const struct draft *d, size_t section, struct buf *out)
{
    buf_printf(out, "\n[%s]\n", draft_name(d, section));
    for (size_t i = 0; i < option_count; i++) {
        const struct draft_setting *s = find_setting(d, section, &option_table[i]);
        if (!s || !s->value[0])
            continue;
        buf_printf(out, "\n# %s\n%s = ", s->option->text, s->option->key);
        value_quote(out, s->value);
        buf_putc(out, '\n');
    }
}

void draft_put(const struct draft *d, const char *head, struct buf *out)
{
    buf_puts(out, head);
    for (size_t i = 0; i < draft_count(d); i++)
        if (draft_name(d, i)[0])
            put_section(d, i, out);
}
