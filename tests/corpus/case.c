// SPDX-License-Identifier: ISC
#define _GNU_SOURCE // getline, strndup
#include "case.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// All keys there are, and whether a block may stand below.
static const struct {
    const char *key;
    bool block;
} keys[] = {
    {"why", false},       {"config", false},     {"alias", false},   {"env", false},
    {"as", false},        {"argv", false},       {"args", false},    {"stdin", true},
    {"stdin crlf", true}, {"exit", false},       {"queued", false},  {"out", true},
    {"err", true},        {"replies", false},    {"from", false},    {"options", false},
    {"to", false},        {"recipients", false}, {"content", false}, {"message", true},
    {"header", true},     {"body", true},        {"has", false},     {"lacks", false},
    {"next", false},      {"seek", false},
};

static void *grow(void *p, size_t n, size_t size)
{
    p = reallocarray(p, n + 1, size);
    if (!p)
        err(1, "memory");
    return p;
}

static char *copy(const char *text, size_t n)
{
    char *p = strndup(text, n);
    if (!p)
        err(1, "memory");
    return p;
}

static void add_item(struct test_case *t, const struct item *item)
{
    t->items = grow(t->items, t->n, sizeof *t->items);
    t->items[t->n++] = *item;
}

static bool is_key(const char *name, size_t n, bool *block)
{
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        *block = keys[i].block;
        if (strlen(keys[i].key) == n && memcmp(keys[i].key, name, n) == 0)
            return true;
    }
    return false;
}

static const char *skip_blanks(const char *p)
{
    return p + strspn(p, " \t");
}

static void take_key(struct test_case *t, const char *line, int number)
{
    const char *colon = strchr(line, ':');
    bool block;
    if (!colon || !is_key(line, (size_t)(colon - line), &block))
        errx(1, "%s:%d: no such key: %s", t->file, number, line);
    const char *text = skip_blanks(colon + 1);
    add_item(t, &(struct item){.key = copy(line, (size_t)(colon - line)),
                               .text = copy(text, strlen(text)),
                               .line = number});
}

static void take_block_line(struct test_case *t, const char *line, int number)
{
    bool block = false;
    const char *key = t->n ? t->items[t->n - 1].key : "";
    if (!is_key(key, strlen(key), &block) || !block)
        errx(1, "%s:%d: the line above begins no block", t->file, number);
    const char *text = line + 1 + (line[1] == ' ');
    add_item(t, &(struct item){.key = copy(key, strlen(key)),
                               .text = copy(text, strlen(text)),
                               .block = true,
                               .pattern = line[0] == '~',
                               .line = number});
}

static void check_last(const struct cases *c)
{
    if (c->n == 0)
        return;
    const struct test_case *t = &c->all[c->n - 1];
    if (!case_value(t, "why") || !*case_value(t, "why"))
        errx(1, "%s:%d: \"%s\" does not say why", t->file, t->line, t->name);
    if (!case_has(t, "argv") && !case_has(t, "as") && !case_has(t, "args"))
        errx(1, "%s:%d: \"%s\" has no argv", t->file, t->line, t->name);
}

static void take_line(struct cases *c, const char *file, const char *line, int number)
{
    if (line[0] == '\0' || line[0] == '#')
        return;
    if (strncmp(line, "== ", 3) == 0) {
        check_last(c);
        c->all = grow(c->all, c->n, sizeof *c->all);
        c->all[c->n++] = (struct test_case){
            .file = file, .name = copy(line + 3, strlen(line + 3)), .line = number};
        return;
    }
    if (c->n == 0 || c->all[c->n - 1].file != file)
        errx(1, "%s:%d: no case has begun", file, number);
    struct test_case *t = &c->all[c->n - 1];
    if (line[0] == '|' || line[0] == '~')
        take_block_line(t, line, number);
    else
        take_key(t, line, number);
}

void cases_read(struct cases *c, const char *file)
{
    FILE *f = fopen(file, "re");
    char *line = NULL;
    size_t size = 0;
    ssize_t n;
    if (!f)
        err(1, "%s", file);
    for (int number = 1; (n = getline(&line, &size, f)) > 0; number++) {
        if (line[n - 1] == '\n')
            line[n - 1] = '\0';
        take_line(c, file, line, number);
    }
    if (ferror(f))
        err(1, "%s", file);
    check_last(c);
    free(line);
    fclose(f);
}

void cases_free(struct cases *c)
{
    for (size_t i = 0; i < c->n; i++) {
        for (size_t j = 0; j < c->all[i].n; j++) {
            free(c->all[i].items[j].key);
            free(c->all[i].items[j].text);
        }
        free(c->all[i].items);
        free(c->all[i].name);
    }
    free(c->all);
    *c = (struct cases){NULL, 0};
}

const char *case_value(const struct test_case *t, const char *key)
{
    const char *value = NULL;
    for (size_t i = 0; i < t->n; i++)
        if (!t->items[i].block && strcmp(t->items[i].key, key) == 0)
            value = t->items[i].text;
    return value;
}

bool case_has(const struct test_case *t, const char *key)
{
    return case_value(t, key) != NULL;
}

// ---- Escapes

static const char *expand_some(struct buf *out, const char *p, const char *dir, long turn);

// *p stands behind "\*". Returns what is behind the closing brace.
static const char *expand_repeated(struct buf *out, const char *p, const char *dir)
{
    char *open;
    long times = strtol(p, &open, 10);
    const char *close = strchr(open, '}');
    if (open == p || *open != '{' || !close)
        errx(1, "no repetition: \\*%s", p);
    char *inner = copy(open + 1, (size_t)(close - open) - 1);
    for (long i = 1; i <= times; i++)
        for (const char *at = inner; *at;)
            at = expand_some(out, at, dir, i);
    free(inner);
    return close + 1;
}

static const char *expand_octet(struct buf *out, const char *p)
{
    char digits[3] = {p[0], p[0] ? p[1] : '\0', '\0'};
    char *end;
    unsigned long octet = strtoul(digits, &end, 16);
    if (end != digits + 2)
        errx(1, "no octet: \\x%s", p);
    buf_putc(out, (char)octet);
    return p + 2;
}

// One octet of the text, or one escape.
static const char *expand_some(struct buf *out, const char *p, const char *dir, long turn)
{
    static const char letters[] = "rnt0\\", octets[] = "\r\n\t\0\\";
    if (p[0] != '\\') {
        buf_putc(out, p[0]);
        return p + 1;
    }
    const char *letter = p[1] ? strchr(letters, p[1]) : NULL;
    if (letter)
        buf_putc(out, octets[letter - letters]);
    else if (p[1] == 'D')
        buf_puts(out, dir);
    else if (p[1] == '#')
        buf_printf(out, "%ld", turn);
    else if (p[1] == 'x')
        return expand_octet(out, p + 2);
    else if (p[1] == '*')
        return expand_repeated(out, p + 2, dir);
    else
        errx(1, "no escape: %s", p);
    return p + 2;
}

bool case_expand(struct buf *out, const char *text, const char *dir)
{
    while (*text) {
        if (strcmp(text, "\\c") == 0)
            return false;
        text = expand_some(out, text, dir, 0);
    }
    return true;
}
