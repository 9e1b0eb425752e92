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
    *c = (struct checkup){.json = json};
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

// The text from `column` on; where the terminal's width is known, broken at blanks, further
// lines below the first one's text.
static void put_wrapped(struct buf *line, struct span text, size_t column, size_t width)
{
    struct span rest = text, word;
    bool first = true;
    while (span_cut(&rest, ' ', &word)) {
        size_t wide = terminal_columns(word);
        if (!first && width && column + 1 + wide > width) {
            buf_printf(line, "\n%*s", CHECKUP_INDENT, "");
            column = CHECKUP_INDENT;
        } else if (!first) {
            buf_putc(line, ' ');
            column++;
        }
        buf_put_span(line, word);
        column += wide;
        first = false;
    }
    buf_putc(line, '\n');
}

// What stands before the text, and the text.
static void put_line(struct buf *line, const struct checkup *c, const char *head,
                     const char *text)
{
    struct buf clean = BUF_INIT(CHECKUP_LINE_MAX);
    size_t before = line->n;
    text_clean(line, span_of(head), CHECKUP_STEP_MAX);
    size_t column = CHECKUP_INDENT +
                    terminal_columns((struct span){line->p + before, line->n - before});
    text_clean(&clean, span_of(text), CHECKUP_LINE_MAX / 4);
    put_wrapped(line, buf_span(&clean), column, c->terminal.width);
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
    put_line(line, c, buf_str(&head), text);
    if (*fix) {
        buf_printf(line, "%*s", CHECKUP_INDENT, "");
        put_line(line, c, "fix: ", fix);
    }
    buf_free(&head);
}

void checkup_status(struct checkup *c, int status)
{
    if (status && c->status != EX_CONFIG)
        c->status = status == EX_CONFIG || !c->status ? status : c->status;
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
    c->failed += verdict == CHECKUP_FAIL;
    c->warned += verdict == CHECKUP_WARN;
    if (verdict == CHECKUP_FAIL)
        checkup_status(c, status);
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

void checkup_end(struct checkup *c)
{
    if (c->json)
        return;
    if (c->failed)
        printf("\n%zu step%s failed\n", c->failed, c->failed == 1 ? "" : "s");
    else if (c->warned)
        printf("\nall is well, but for %zu warning%s\n", c->warned, c->warned == 1 ? "" : "s");
    else
        puts("\nall is well");
}
