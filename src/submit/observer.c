// SPDX-License-Identifier: ISC
#include "submit/observer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "message/outcome.h"

enum { OBSERVER_LINE_MAX = 4096 };

// One line, cleaned: addresses, names in certificates and the server's words come from outside.
static void put(int fd, const char *before, const char *step, const char *text)
{
    struct buf line = BUF_INIT(OBSERVER_LINE_MAX);
    buf_puts(&line, before);
    if (step[0])
        buf_printf(&line, " %s:", step);
    buf_putc(&line, ' ');
    text_clean(&line, span_of(text), OBSERVER_LINE_MAX - 128);
    buf_putc(&line, '\n');
    if (io_write(fd, buf_str(&line), line.n)) {
        // Whoever looked on has gone; the mail goes on.
    }
    buf_free(&line);
}

void observer_step(struct observer *o, const char *step)
{
    o->step = step;
}

// A result of this step, for both who may look on.
static void tell(const struct observer *o, const char *result, const char *text)
{
    if (o->check)
        put(STDOUT_FILENO, result, o->step, text);
    if (o->verbose)
        put(STDERR_FILENO, "--", o->step, text);
}

void observer_passed(const struct observer *o, const char *fmt, ...)
{
    char text[OBSERVER_LINE_MAX];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n >= 0)
        tell(o, "pass", text);
}

void observer_warned(const struct observer *o, const char *fmt, ...)
{
    struct buf line = BUF_INIT(OBSERVER_LINE_MAX);
    char text[OBSERVER_LINE_MAX / 2];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n < 0)
        return;
    tell(o, "warn", text);
    buf_printf(&line, "%s: %s", o->step, text);
    if (o->notices)
        outcome_put_notice(o->notices, buf_span(&line));
    buf_free(&line);
}

void observer_failed(const struct observer *o, const char *text)
{
    size_t n = strlen(o->step);
    const char *rest = text;
    if (n && !strncmp(text, o->step, n) &&
        (text[n] == ':' || text[n] == ' ')) // named once is enough
        rest = text + n + 1 + (text[n] == ':');
    if (o->check)
        put(STDOUT_FILENO, "fail", o->step, rest);
    if (o->verbose)
        put(STDERR_FILENO, "--", "", text);
}

void observer_line(const struct observer *o, char direction, const char *line)
{
    if (o->verbose)
        put(STDERR_FILENO, direction == '>' ? "->" : "<-", "", line);
}
