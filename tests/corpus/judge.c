// SPDX-License-Identifier: ISC
#define _GNU_SOURCE // REG_STARTEND
#include "judge.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stored.h"

enum { SHOWN_MAX = 160 };

bool matches(const char *pattern, struct span text)
{
    regex_t r;
    regmatch_t whole = {0, (regoff_t)text.n};
    if (regcomp(&r, pattern, REG_EXTENDED))
        errx(1, "no regular expression: %s", pattern);
    bool found = regexec(&r, text.p ? text.p : "", 1, &whole, REG_STARTEND) == 0;
    regfree(&r);
    return found;
}

static void show(struct buf *out, struct span text)
{
    for (size_t i = 0; i < text.n && i < SHOWN_MAX; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c < ' ' || c > '~')
            buf_printf(out, "\\x%02X", (unsigned)c);
        else
            buf_putc(out, text.p[i]);
    }
    if (text.n > SHOWN_MAX)
        buf_printf(out, "... (%zu octets)", text.n);
}

void complain(struct buf *complaints, int line, const char *what, struct span got,
              const char *wanted)
{
    buf_printf(complaints, "%d: %s: it is \"", line, what);
    show(complaints, got);
    buf_puts(complaints, "\", not \"");
    show(complaints, span_of(wanted));
    buf_puts(complaints, "\"\n");
}

static void complain_number(struct buf *complaints, int line, const char *what, size_t got,
                            size_t wanted)
{
    if (got != wanted)
        buf_printf(complaints, "%d: %s: it is %zu, not %zu\n", line, what, got, wanted);
}

// The number behind a key, or what it is where the case does not say.
static size_t number(const struct test_case *t, const char *key, size_t usual)
{
    const char *text = case_value(t, key);
    return text ? (size_t)strtoul(text, NULL, 10) : usual;
}

// ---- What was printed

static size_t count_lines(struct span text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    return n;
}

static void drop_cr(struct buf *plain, struct span text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] != '\r' || i + 1 == text.n || text.p[i + 1] != '\n')
            buf_putc(plain, text.p[i]);
}

static bool has_line(const char *pattern, struct span text)
{
    struct span line;
    while (span_cut(&text, '\n', &line))
        if (matches(pattern, line))
            return true;
    return false;
}

static bool has_block(const struct test_case *t, const char *key)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->items[i].block && strcmp(t->items[i].key, key) == 0)
            return true;
    return false;
}

// "out" or "err": each pattern is that of a line, a block is all of it; without either there is
// nothing, but the one line of a failure.
static void judge_output(struct buf *complaints, const struct test_case *t, const char *key,
                         struct span raw, size_t usual)
{
    struct buf plain = BUF_INIT(CORPUS_MAX);
    bool patterns = false;
    drop_cr(&plain, raw);
    struct span text = buf_span(&plain);
    for (size_t i = 0; i < t->n; i++) {
        const struct item *item = &t->items[i];
        if (item->block || strcmp(item->key, key) != 0 || !*item->text)
            continue;
        patterns = true;
        if (!has_line(item->text, text))
            complain(complaints, item->line, key, text, item->text);
    }
    if (has_block(t, key))
        judge_block(complaints, t, 0, t->n, key, text);
    else if ((!patterns || usual == 1) && count_lines(text) != usual)
        complain(complaints, t->line, key, text, usual ? "one line" : "");
    buf_free(&plain);
}

// "replies": the codes of a dialogue, those of a reply of several lines once.
static void judge_replies(struct buf *complaints, const struct test_case *t, struct span out)
{
    const char *wanted = case_value(t, "replies");
    struct buf codes = BUF_INIT(CORPUS_MAX);
    struct span line;
    while (span_cut(&out, '\n', &line)) {
        if (line.n < 4 || line.p[3] == '-')
            continue;
        buf_puts(&codes, codes.n ? " " : "");
        buf_put(&codes, line.p, 3);
        if (line.p[line.n - 1] != '\r')
            complain(complaints, t->line, "a reply", line, "ended with CR LF");
    }
    if (wanted && !span_equal(buf_span(&codes), span_of(wanted)))
        complain(complaints, t->line, "replies", buf_span(&codes), wanted);
    buf_free(&codes);
}

// ---- What lies there

static int no_dots(const struct dirent *d)
{
    return d->d_name[0] != '.';
}

static int list(const char *dir, const char *name, struct dirent ***entries)
{
    struct buf path = BUF_INIT(4096);
    buf_printf(&path, "%s/%s", dir, name);
    int n = scandir(buf_str(&path), entries, no_dots, alphasort);
    if (n < 0 && errno != ENOENT)
        err(1, "%s", buf_str(&path));
    buf_free(&path);
    return n < 0 ? 0 : n;
}

static void free_list(struct dirent **entries, int n)
{
    for (int i = 0; i < n; i++)
        free(entries[i]);
    if (n)
        free(entries);
}

// Nobody may have made a file but those that belong there.
static void judge_directory(struct buf *complaints, const struct test_case *t, const char *dir)
{
    static const char *const ours[] = {"account", "aliases", "config", "err",
                                       "in",      "out",     "spool"};
    struct dirent **entries = NULL;
    int n = list(dir, ".", &entries);
    for (int i = 0; i < n; i++) {
        bool known = false;
        for (size_t j = 0; j < sizeof ours / sizeof *ours; j++)
            known = known || strcmp(entries[i]->d_name, ours[j]) == 0;
        if (!known)
            complain(complaints, t->line, "a file", span_of(entries[i]->d_name), "there");
    }
    free_list(entries, n);
    n = list(dir, "spool/tmp", &entries);
    complain_number(complaints, t->line, "files in tmp", (size_t)n, 0);
    free_list(entries, n);
}

// Where the lines about the next message end.
static size_t next_part(const struct test_case *t, size_t from)
{
    while (from < t->n && strcmp(t->items[from].key, "next") != 0)
        from++;
    return from;
}

static void judge_queue(struct buf *complaints, const struct test_case *t, const char *dir,
                        size_t wanted)
{
    struct dirent **entries = NULL;
    int n = list(dir, "spool/new", &entries);
    complain_number(complaints, t->line, "messages queued", (size_t)n, wanted);
    size_t from = 0;
    for (int i = 0; i < n && (size_t)n == wanted && from < t->n; i++) {
        struct buf path = BUF_INIT(4096);
        size_t to = next_part(t, from);
        buf_printf(&path, "%s/spool/new/%s", dir, entries[i]->d_name);
        judge_stored(complaints, t, from, to, buf_str(&path));
        buf_free(&path);
        from = to + 1;
    }
    free_list(entries, n);
}

void judge_case(struct buf *complaints, const struct test_case *t, const struct result *r,
                const char *dir)
{
    size_t status = number(t, "exit", 0);
    bool dialogue = case_has(t, "replies");
    size_t queued = number(t, "queued", status ? 0 : 1);
    complain_number(complaints, t->line, "exit status", (size_t)r->status, status);
    judge_output(complaints, t, "err", buf_span(&r->err), status && !dialogue);
    if (dialogue)
        judge_replies(complaints, t, buf_span(&r->out));
    if (!dialogue || case_has(t, "out"))
        judge_output(complaints, t, "out", buf_span(&r->out), 0);
    // A caller must not die of a pipe that nobody reads.
    if (status == 65 && !dialogue && queued == 0 && !has_block(t, "out") && !case_has(t, "out"))
        complain_number(complaints, t->line, "octets of stdin left", r->left, 0);
    judge_directory(complaints, t, dir);
    judge_queue(complaints, t, dir, queued);
}
