// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/setup/prompt.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/io.h"
#include "base/signals.h"
#include "sendoff/terminal.h"

enum { SAY_WIDTH = 79, SAY_MAX = 8192 };

void prompt_open(struct prompt *p)
{
    *p = (struct prompt){.signals = -1};
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return;
    p->signals = signals_open();
    p->there = p->signals >= 0;
}

void prompt_close(struct prompt *p)
{
    io_close(p->signals);
    *p = (struct prompt){.signals = -1};
}

// The signals stay in their descriptor: whoever asks next finds them too.
bool prompt_is_over(const struct prompt *p)
{
    struct pollfd fd = {.fd = p->signals, .events = POLLIN};
    return p->signals >= 0 && poll(&fd, 1, 0) > 0;
}

// Waits for a key, or for a signal.
static bool wait_for_key(const struct prompt *p)
{
    struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
                            {.fd = p->signals, .events = POLLIN}};
    while (poll(fds, 2, -1) < 0)
        if (errno != EINTR)
            return false;
    return !fds[1].revents && fds[0].revents & POLLIN;
}

// A line, octet by octet: what stands behind it belongs to the next question.
static enum prompt_answer read_line(struct prompt *p, struct buf *out)
{
    char c;
    for (;;) {
        if (!wait_for_key(p) || io_read(STDIN_FILENO, &c, 1) != 1)
            return PROMPT_ENDED;
        if (c == '\n')
            return PROMPT_GIVEN;
        buf_putc(out, c);
    }
}

enum prompt_answer prompt_line(struct prompt *p, const char *question, const char *standard,
                               struct buf *out)
{
    for (;;) {
        buf_clear(out);
        printf("%s%s%s%s ", question, *standard ? " [" : "", standard, *standard ? "]" : "");
        fflush(stdout);
        if (read_line(p, out) != PROMPT_GIVEN) {
            putchar('\n');
            return PROMPT_ENDED;
        }
        struct span line = span_trim(buf_span(out));
        struct buf trimmed = BUF_INIT(PROMPT_LINE_MAX);
        buf_put_span(&trimmed, line);
        buf_clear(out);
        buf_puts(out, trimmed.n ? buf_str(&trimmed) : standard);
        buf_free(&trimmed);
        if (out->n)
            return PROMPT_GIVEN;
    }
}

enum prompt_answer prompt_secret(struct prompt *p, const char *question, struct buf *out)
{
    struct termios before, silent;
    enum prompt_answer answer = PROMPT_GIVEN;
    if (tcgetattr(STDIN_FILENO, &before) || !buf_room(out, PROMPT_LINE_MAX))
        return PROMPT_ENDED;
    silent = before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
    silent.c_lflag |= ECHONL | ICANON;
    // Stopped here, it would leave a shell without an echo.
    silent.c_cc[VSUSP] = _POSIX_VDISABLE;
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent))
        return PROMPT_ENDED;
    buf_clear(out);
    while (answer == PROMPT_GIVEN && out->n == 0) {
        printf("%s ", question);
        fflush(stdout);
        answer = read_line(p, out);
    }
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    if (answer != PROMPT_GIVEN)
        putchar('\n');
    return answer;
}

enum prompt_answer prompt_yes(struct prompt *p, const char *question, bool standard, bool *yes)
{
    struct buf line = BUF_INIT(PROMPT_LINE_MAX);
    enum prompt_answer answer;
    for (;;) {
        answer = prompt_line(p, question, standard ? "Y/n" : "y/N", &line);
        char first = line.n ? text_lower(line.p[0]) : '\0';
        bool nothing = span_equal(buf_span(&line), span_of(standard ? "Y/n" : "y/N"));
        if (answer == PROMPT_GIVEN && !nothing && first != 'y' && first != 'n')
            continue;
        *yes = nothing ? standard : first == 'y';
        break;
    }
    buf_free(&line);
    return answer;
}

void prompt_say(const char *text, size_t indent)
{
    struct buf out = BUF_INIT(SAY_MAX);
    struct terminal t = terminal_of(STDOUT_FILENO);
    if (!t.width || t.width > SAY_WIDTH)
        t.width = SAY_WIDTH;
    buf_printf(&out, "%*s", (int)indent, "");
    terminal_wrap(&out, &t, span_of(text), indent, indent);
    fputs(buf_str(&out), stdout);
    buf_free(&out);
}
