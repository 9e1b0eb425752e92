// SPDX-License-Identifier: ISC
#include "stored.h"

#include <stdlib.h>
#include <string.h>

#include "judge.h"
#include "run.h"

// A file of the spool in its parts.
struct stored {
    struct span block, message, header, body;
};

// What stands behind "NAME: " in a header, at its n-th occurrence; empty where there is none.
static struct span field(struct span header, const char *name, size_t nth)
{
    size_t n = strlen(name);
    struct span line;
    while (span_cut(&header, '\n', &line)) {
        if (line.n < n + 2 || memcmp(line.p, name, n) != 0 || memcmp(line.p + n, ": ", 2) != 0)
            continue;
        if (nth-- == 0)
            return (struct span){line.p + n + 2, line.n - n - 2};
    }
    return (struct span){NULL, 0};
}

static size_t stated(struct span first, const char *name)
{
    struct span word;
    size_t n = strlen(name);
    while (span_word(&first, &word))
        if (word.n > n && memcmp(word.p, name, n) == 0)
            return (size_t)strtoul(word.p + n, NULL, 10);
    return 0;
}

// Takes the file apart as sendoff-spool(5) says.
static bool take_apart(struct stored *s, struct span text)
{
    struct span first = field(text, "Sendoff-Spool", 0);
    size_t block = stated(first, "block="), octets = stated(first, "octets=");
    if (block == 0 || block > text.n || text.n - block != octets)
        return false;
    s->block = (struct span){text.p, block};
    s->message = (struct span){text.p + block, octets};
    s->header = s->message;
    s->body = (struct span){text.p + text.n, 0};
    for (size_t i = 0; i + 1 < s->message.n; i++) {
        if (memcmp(s->message.p + i, "\n\n", 2) == 0) {
            s->header.n = i + 1;
            s->body = (struct span){s->message.p + i + 2, s->message.n - i - 2};
            break;
        }
    }
    return true;
}

// ---- The envelope

// "~ PATTERN", or the text itself.
static bool is_as(struct span got, const char *wanted)
{
    if (wanted[0] == '~' && wanted[1] == ' ')
        return matches(wanted + 2, got);
    return span_equal(got, span_of(wanted));
}

static void put_wanted(struct buf *wanted, const struct item *item)
{
    if (item->text[0] == '~')
        buf_puts(wanted, item->text);
    else
        case_expand(wanted, item->text, "");
}

// "W 000 0.000.000 [OPTIONS ]<ADDRESS>" -> "ADDRESS[ OPTIONS]"
static void put_recipient(struct buf *out, struct span line)
{
    struct span word;
    for (int i = 0; i < 3; i++)
        if (!span_word(&line, &word))
            return;
    line = span_trim(line);
    const char *at = line.n ? memchr(line.p, '<', line.n) : NULL;
    if (!at)
        return;
    struct span address = {at + 1, (size_t)(line.p + line.n - at) - 2};
    struct span before = span_trim((struct span){line.p, (size_t)(at - line.p)});
    buf_put_span(out, address);
    if (before.n) {
        buf_putc(out, ' ');
        buf_put_span(out, before);
    }
}

static size_t judge_recipient(struct buf *complaints, const struct item *item,
                              struct span block, size_t nth)
{
    struct buf got = BUF_INIT(CORPUS_MAX), wanted = BUF_INIT(CORPUS_MAX);
    put_recipient(&got, field(block, "Sendoff-Recipient", nth));
    put_wanted(&wanted, item);
    if (!is_as(buf_span(&got), buf_str(&wanted)))
        complain(complaints, item->line, "recipient", buf_span(&got), buf_str(&wanted));
    buf_free(&got);
    buf_free(&wanted);
    return nth + 1;
}

static void judge_field(struct buf *complaints, const struct item *item, struct span got)
{
    struct buf wanted = BUF_INIT(CORPUS_MAX);
    put_wanted(&wanted, item);
    if (!is_as(got, buf_str(&wanted)))
        complain(complaints, item->line, item->key, got, buf_str(&wanted));
    buf_free(&wanted);
}

static struct span unbracketed(struct span path)
{
    if (path.n >= 2 && path.p[0] == '<' && path.p[path.n - 1] == '>')
        return (struct span){path.p + 1, path.n - 2};
    return path;
}

static struct span word_behind(struct span line, const char *name)
{
    struct span word;
    size_t n = strlen(name);
    while (span_word(&line, &word))
        if (word.n > n && memcmp(word.p, name, n) == 0)
            return (struct span){word.p + n, word.n - n};
    return (struct span){NULL, 0};
}

static void judge_envelope(struct buf *complaints, const struct test_case *t, size_t from,
                           size_t to, struct span block)
{
    size_t recipients = 0, named = 0;
    bool counted = false;
    while (field(block, "Sendoff-Recipient", recipients).p)
        recipients++;
    for (size_t i = from; i < to; i++) {
        const struct item *item = &t->items[i];
        if (item->block)
            continue;
        if (strcmp(item->key, "from") == 0) {
            judge_field(complaints, item, unbracketed(field(block, "Sendoff-Sender", 0)));
        } else if (strcmp(item->key, "options") == 0) {
            judge_field(complaints, item, field(block, "Sendoff-Options", 0));
        } else if (strcmp(item->key, "content") == 0) {
            struct span first = field(block, "Sendoff-Spool", 0);
            judge_field(complaints, item, word_behind(first, "content="));
        } else if (strcmp(item->key, "to") == 0) {
            named = judge_recipient(complaints, item, block, named);
        } else if (strcmp(item->key, "recipients") == 0) {
            counted = true;
            if (recipients != strtoul(item->text, NULL, 10))
                buf_printf(complaints, "%d: recipients: there are %zu\n", item->line,
                           recipients);
        }
    }
    if (named && !counted && named != recipients)
        buf_printf(complaints, "%d: recipients: there are %zu\n", t->line, recipients);
}

// ---- The message

static void judge_block_line(struct buf *complaints, const struct item *item, struct span got)
{
    struct buf wanted = BUF_INIT(CORPUS_MAX);
    if (!item->pattern)
        case_expand(&wanted, item->text, "");
    if (item->pattern ? !matches(item->text, got) : !span_equal(got, buf_span(&wanted)))
        complain(complaints, item->line, item->key, got,
                 item->pattern ? item->text : buf_str(&wanted));
    buf_free(&wanted);
}

void judge_block(struct buf *complaints, const struct test_case *t, size_t from, size_t to,
                 const char *key, struct span text)
{
    bool spoken_of = false;
    struct span line;
    if (text.n && text.p[text.n - 1] == '\n')
        text.n--;
    else if (text.n == 0)
        text.p = NULL;
    for (size_t i = from; i < to; i++) {
        const struct item *item = &t->items[i];
        if (strcmp(item->key, key) != 0)
            continue;
        spoken_of = true;
        if (!item->block)
            continue;
        if (!span_cut(&text, '\n', &line)) {
            complain(complaints, item->line, key, SPAN("(the end)"), item->text);
            return;
        }
        size_t before = complaints->n;
        judge_block_line(complaints, item, line);
        if (complaints->n != before)
            return;
    }
    if (spoken_of && span_cut(&text, '\n', &line))
        complain(complaints, t->line, key, line, "(the end)");
}

static bool has_line(struct span text, const char *pattern)
{
    struct span line;
    while (span_cut(&text, '\n', &line))
        if (matches(pattern, line))
            return true;
    return false;
}

static void judge_lines(struct buf *complaints, const struct item *item, struct span message)
{
    if (item->block)
        return;
    if (strcmp(item->key, "has") == 0 && !has_line(message, item->text))
        complain(complaints, item->line, "no line", SPAN(""), item->text);
    if (strcmp(item->key, "lacks") == 0 && has_line(message, item->text))
        complain(complaints, item->line, "a line", SPAN("there"), item->text);
}

// What no stored message may be, whatever it is made of.
static void judge_rules(struct buf *complaints, const struct test_case *t,
                        const struct stored *s)
{
    static const char *const never[] = {
        "^[Bb][Cc][Cc][ \t]*:",
        "^[Rr][Ee][Ss][Ee][Nn][Tt]-[Bb][Cc][Cc][ \t]*:",
    };
    const char *what = NULL;
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (has_line(s->header, never[i]))
            what = "Bcc is left in the header";
    if (memchr(s->message.p, '\r', s->message.n))
        what = "a CR is left";
    if (s->message.p[s->message.n - 1] != '\n')
        what = "the last line has no end";
    if (memchr(s->header.p, '\0', s->header.n))
        what = "NUL is left in the header";
    if (what)
        buf_printf(complaints, "%d: %s\n", t->line, what);
}

void judge_stored(struct buf *complaints, const struct test_case *t, size_t from, size_t to,
                  const char *path)
{
    struct buf text = BUF_INIT(CORPUS_MAX);
    struct stored s;
    slurp(&text, path);
    if (!take_apart(&s, buf_span(&text))) {
        buf_printf(complaints, "%d: the file in the spool is none of ours\n", t->line);
    } else {
        judge_rules(complaints, t, &s);
        judge_envelope(complaints, t, from, to, s.block);
        judge_block(complaints, t, from, to, "message", s.message);
        judge_block(complaints, t, from, to, "header", s.header);
        judge_block(complaints, t, from, to, "body", s.body);
        for (size_t i = from; i < to; i++)
            judge_lines(complaints, &t->items[i], s.message);
    }
    buf_free(&text);
}
