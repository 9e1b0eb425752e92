// SPDX-License-Identifier: ISC
#include "sendoff/check/checkup.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/json.h"
#include "sendoff/check/advice.h"

enum { CHECKUP_LINE_MAX = 8192, CHECKUP_STEP_MAX = 64, CHECKUP_INDENT = 5 };

static const struct {
    const char *word;
    enum colour colour;
} verdicts[] = {
    [CHECKUP_PASS] = {"pass", COLOUR_GREEN},
    [CHECKUP_WARN] = {"warn", COLOUR_YELLOW},
    [CHECKUP_FAIL] = {"fail", COLOUR_RED},
    [CHECKUP_NOTE] = {"note", COLOUR_NONE},
};

void checkup_init(struct checkup *c, bool json)
{
    *c = (struct checkup){.json = json,
                          .failures = BUF_INIT(CHECKUP_LINE_MAX / 4),
                          .warnings = BUF_INIT(CHECKUP_LINE_MAX / 4)};
    if (!json)
        c->terminal = terminal_of(STDOUT_FILENO);
}

static void put_json(struct buf *line, const char *verdict, const char *step, const char *text,
                     const char *fix)
{
    json_open(line, NULL, '{');
    json_text(line, "step", span_of(step));
    json_text(line, "verdict", span_of(verdict));
    json_text(line, "text", span_of(text));
    if (*fix)
        json_text(line, "fix", span_of(fix));
    json_close(line, '}');
    buf_putc(line, '\n');
}

// What stands before the text, and the text. What is to be seen first is bold.
static void put_line(struct buf *line, const struct checkup *c, const char *head, bool bold,
                     const char *text)
{
    struct buf clean = BUF_INIT(CHECKUP_LINE_MAX);
    if (bold)
        terminal_colour(line, &c->terminal, COLOUR_BOLD);
    size_t before = line->n;
    text_clean(line, span_of(head), CHECKUP_STEP_MAX);
    size_t column = CHECKUP_INDENT +
                    terminal_columns((struct span){line->p + before, line->n - before});
    if (bold)
        terminal_colour(line, &c->terminal, COLOUR_NONE);
    text_clean(&clean, span_of(text), CHECKUP_LINE_MAX / 4);
    terminal_wrap(line, &c->terminal, buf_span(&clean), column, CHECKUP_INDENT);
    buf_free(&clean);
}

static void put_text(struct buf *line, const struct checkup *c, enum checkup_verdict verdict,
                     const char *step, const char *text, const char *fix)
{
    struct buf head = BUF_INIT(CHECKUP_STEP_MAX + 2);
    if (verdict == CHECKUP_NOTE) {
        buf_printf(line, "%*s", CHECKUP_INDENT, "");
    } else {
        terminal_colour(line, &c->terminal, verdicts[verdict].colour);
        buf_puts(line, verdicts[verdict].word);
        terminal_colour(line, &c->terminal, COLOUR_NONE);
        buf_putc(line, ' ');
        buf_printf(&head, "%s: ", step);
    }
    put_line(line, c, buf_str(&head), verdict == CHECKUP_FAIL, text);
    if (*fix) {
        buf_printf(line, "%*s", CHECKUP_INDENT, "");
        put_line(line, c, "fix: ", true, fix);
    }
    buf_free(&head);
}

void checkup_status(struct checkup *c, int status)
{
    if (status && c->status != EX_CONFIG)
        c->status = status == EX_CONFIG || !c->status ? status : c->status;
}

// Each step once, in their order.
static void put_name(struct buf *names, const char *step)
{
    struct span rest = buf_span(names), name;
    while (rest.n && span_cut(&rest, ',', &name))
        if (span_equal(span_trim(name), span_of(step)))
            return;
    buf_puts(names, names->n ? ", " : "");
    text_clean(names, span_of(step), CHECKUP_STEP_MAX);
}

void checkup_say(struct checkup *c, enum checkup_verdict verdict, const char *step,
                 const char *text, const char *fix, int status)
{
    struct buf line = BUF_INIT(CHECKUP_LINE_MAX);
    if (!*fix && (verdict == CHECKUP_FAIL || verdict == CHECKUP_WARN))
        fix = advice_for(step, text);
    if (c->json)
        put_json(&line, verdicts[verdict].word, step, text, fix);
    else
        put_text(&line, c, verdict, step, text, fix);
    fwrite(buf_str(&line), 1, line.n, stdout);
    fflush(stdout);
    buf_free(&line);
    if (verdict == CHECKUP_FAIL) {
        put_name(&c->failures, step);
        c->failed++;
        checkup_status(c, status);
    } else if (verdict == CHECKUP_WARN) {
        put_name(&c->warnings, step);
        c->warned++;
    }
}

void checkup_pass(struct checkup *c, const char *step, const char *text)
{
    checkup_say(c, CHECKUP_PASS, step, text, "", EX_OK);
}

void checkup_note(struct checkup *c, const char *step, const char *text)
{
    checkup_say(c, CHECKUP_NOTE, step, text, "", EX_OK);
}

void checkup_warn(struct checkup *c, const char *step, const char *text, const char *fix)
{
    checkup_say(c, CHECKUP_WARN, step, text, fix, EX_OK);
}

void checkup_fail(struct checkup *c, const char *step, const char *text, const char *fix,
                  int status)
{
    checkup_say(c, CHECKUP_FAIL, step, text, fix, status);
}

// Takes the verdict at the start of the line off it.
static enum checkup_verdict take_verdict(struct span *line)
{
    for (int v = CHECKUP_PASS; v <= CHECKUP_FAIL; v++) {
        struct span word = span_of(verdicts[v].word);
        if (line->n > word.n && !memcmp(line->p, word.p, word.n) && line->p[word.n] == ' ') {
            *line = (struct span){line->p + word.n + 1, line->n - word.n - 1};
            return (enum checkup_verdict)v;
        }
    }
    return CHECKUP_NOTE;
}

void checkup_relay(struct checkup *c, struct span line)
{
    struct buf step = BUF_INIT(CHECKUP_STEP_MAX), text = BUF_INIT(CHECKUP_LINE_MAX);
    enum checkup_verdict verdict = take_verdict(&line);
    struct span name;
    if (verdict != CHECKUP_NOTE && span_cut(&line, ':', &name) && line.p)
        buf_put_span(&step, name);
    buf_put_span(&text, span_trim(line));
    checkup_say(c, verdict, buf_str(&step), buf_str(&text), "", EX_OK);
    buf_free(&step);
    buf_free(&text);
}

// What is wrong stands somewhere above, perhaps out of sight: here is its name.
void checkup_end(struct checkup *c)
{
    const struct terminal *t = &c->terminal;
    struct buf line = BUF_INIT(CHECKUP_LINE_MAX);
    if (c->failed)
        buf_printf(&line, "%zu step%s failed: %s", c->failed, c->failed == 1 ? "" : "s",
                   buf_str(&c->failures));
    else if (c->warned)
        buf_printf(&line, "all is well, but for %zu warning%s: %s", c->warned,
                   c->warned == 1 ? "" : "s", buf_str(&c->warnings));
    else
        buf_puts(&line, "all is well");
    if (!c->json) {
        struct buf text = BUF_INIT(2 * CHECKUP_LINE_MAX);
        buf_putc(&text, '\n');
        terminal_colour(&text, t, c->failed ? COLOUR_RED : COLOUR_NONE);
        terminal_wrap(&text, t, buf_span(&line), 0, 0);
        terminal_colour(&text, t, COLOUR_NONE);
        fputs(buf_str(&text), stdout);
        buf_free(&text);
    }
    buf_free(&line);
    buf_free(&c->failures);
    buf_free(&c->warnings);
}
