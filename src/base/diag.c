// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "base/diag.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"

enum { DIAG_LINE_MAX = 2048 };

static const char *program = "sendoff";
static enum diag_log log_to = DIAG_NONE;

void diag_name(const char *name)
{
    program = name;
}

void diag_log_to(enum diag_log where)
{
    log_to = where;
}

// The text of one line, cleaned, in `out`.
static void format_line(struct buf *out, const char *fmt, va_list ap)
{
    char raw[DIAG_LINE_MAX];
    int n = vsnprintf(raw, sizeof raw, fmt, ap);
    if (n < 0)
        return;
    size_t length = (size_t)n < sizeof raw ? (size_t)n : sizeof raw - 1;
    text_clean(out, (struct span){raw, length}, sizeof raw);
}

static void to_stderr(const char *text)
{
    struct buf line = BUF_INIT(DIAG_LINE_MAX + 64);
    buf_printf(&line, "%s: %s\n", program, text);
    if (line.n && io_write(STDERR_FILENO, line.p, line.n)) {
        // There is nowhere left to complain to.
    }
    buf_free(&line);
}

// The same for all lines of a second.
static const char *time_text(int64_t second)
{
    static char text[32];
    static int64_t said;
    if (second != said || !text[0]) {
        struct tm local;
        int offset;
        clock_local(second, &local, &offset);
        strftime(text, sizeof text, "%b %e %H:%M:%S", &local);
        said = second;
    }
    return text;
}

// RFC 3164 as local daemons take it; they know host and time better when these are odd.
static void to_syslog(int level, const char *text)
{
    static const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
    static int fd = -1; // never connected: a daemon that starts anew is found again
    if (fd < 0)
        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return;
    const char *when = time_text(clock_wall() / CLOCK_SECOND_US);
    struct buf line = BUF_INIT(DIAG_LINE_MAX + 128);
    buf_printf(&line, "<%d>%s %s[%d]: %s", LOG_MAIL | level, when, program, (int)getpid(),
               text);
    if (line.n)
        (void)sendto(fd, line.p, line.n, MSG_NOSIGNAL | MSG_DONTWAIT,
                     (const struct sockaddr *)&address, sizeof address);
    buf_free(&line);
}

void diag_warn(const char *fmt, ...)
{
    int kept = errno;
    struct buf text = BUF_INIT(DIAG_LINE_MAX);
    va_list ap;
    va_start(ap, fmt);
    format_line(&text, fmt, ap);
    va_end(ap);
    to_stderr(buf_str(&text));
    buf_free(&text);
    errno = kept;
}

void diag_log(int level, const char *fmt, ...)
{
    if (log_to == DIAG_NONE)
        return;
    int kept = errno;
    struct buf text = BUF_INIT(DIAG_LINE_MAX);
    va_list ap;
    va_start(ap, fmt);
    format_line(&text, fmt, ap);
    va_end(ap);
    if (log_to == DIAG_SYSLOG)
        to_syslog(level, buf_str(&text));
    else
        to_stderr(buf_str(&text));
    buf_free(&text);
    errno = kept;
}
