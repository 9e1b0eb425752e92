// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "base/diag.h"

#include <errno.h>
#include <inttypes.h>
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
#include "base/journal.h"
#include "base/json.h"

enum {
    DIAG_LINE_MAX = 2048,
    ENTRY_MAX = 16384, // octets of an event in all its fields
};

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

static void write_stderr(const struct buf *line)
{
    if (line->n && io_write(STDERR_FILENO, line->p, line->n)) {
        // There is nowhere left to complain to.
    }
}

static void to_stderr(struct span text)
{
    struct buf line = BUF_INIT(DIAG_LINE_MAX + 64);
    buf_printf(&line, "%s: %.*s\n", program, SPAN_ARGS(text));
    write_stderr(&line);
    buf_free(&line);
}

// ---- JSON: one object a line

static void json_sink_text(void *with, const char *name, struct span text)
{
    json_text(with, name, text);
}

static void json_sink_number(void *with, const char *name, int64_t number)
{
    json_number(with, name, number);
}

static const char *level_word(int level)
{
    static const char *const words[] = {
        [LOG_EMERG] = "emergency", [LOG_ALERT] = "alert",     [LOG_CRIT] = "critical",
        [LOG_ERR] = "error",       [LOG_WARNING] = "warning", [LOG_NOTICE] = "notice",
        [LOG_INFO] = "info",       [LOG_DEBUG] = "debug",
    };
    return words[level & LOG_PRIMASK];
}

static void put_time(struct buf *out)
{
    int64_t now = clock_wall();
    struct buf text = BUF_INIT(64);
    char day[32];
    struct tm utc;
    time_t second = (time_t)(now / CLOCK_SECOND_US);
    if (!gmtime_r(&second, &utc))
        return;
    strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &utc);
    buf_printf(&text, "%s.%06" PRId64 "Z", day, now % CLOCK_SECOND_US);
    json_text(out, "time", buf_span(&text));
    buf_free(&text);
}

static void to_json(int level, const struct event *e, struct span text)
{
    static const struct event_sink sink = {json_sink_text, json_sink_number};
    struct buf line = BUF_INIT(ENTRY_MAX);
    json_open(&line, NULL, '{');
    put_time(&line);
    json_text(&line, "level", span_of(level_word(level)));
    json_text(&line, "program", span_of(program));
    if (e)
        event_walk(e, &sink, &line);
    else
        json_text(&line, "message", text);
    json_close(&line, '}');
    buf_putc(&line, '\n');
    write_stderr(&line);
    buf_free(&line);
}

// ---- Syslog and the journal

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

// Where a daemon listens. One that is not there is looked for again after a second: a flush of
// thousands would ask for it with every line.
struct door {
    struct sockaddr_un address;
    int64_t again; // clock_steady
};

static bool is_open(const struct door *d)
{
    return clock_steady() >= d->again;
}

static bool send_datagram(struct door *to, struct span text)
{
    static const int64_t pause = 1000;
    static int fd = -1; // never connected: a daemon that starts anew is found again
    if (fd < 0)
        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    // What a daemon is too busy to take is lost.
    if (fd < 0 || !text.n ||
        sendto(fd, text.p, text.n, MSG_NOSIGNAL | MSG_DONTWAIT,
               (const struct sockaddr *)&to->address, sizeof to->address) >= 0 ||
        errno == EAGAIN)
        return true;
    if (errno == ENOENT)
        to->again = clock_steady() + pause;
    return false;
}

// False where there is no journal.
static bool to_journal(int level, const char *name, struct span text, const struct event *e)
{
    static struct door door = {.address = {.sun_family = AF_UNIX, .sun_path = JOURNAL_SOCKET},
                               .again = INT64_MIN};
    if (!is_open(&door))
        return false;
    struct buf entry = BUF_INIT(ENTRY_MAX);
    journal_head(&entry, level, name, (int)getpid(), text);
    if (e)
        journal_event(&entry, e);
    bool sent = send_datagram(&door, buf_span(&entry));
    buf_free(&entry);
    return sent;
}

// RFC 3164 as local daemons take it; they know host and time better when these are odd.
static void to_syslog(int level, const char *name, struct span text, const struct event *e)
{
    static struct door door = {.address = {.sun_family = AF_UNIX, .sun_path = _PATH_LOG},
                               .again = INT64_MIN};
    if (to_journal(level, name, text, e) || !is_open(&door))
        return;
    const char *when = time_text(clock_wall() / CLOCK_SECOND_US);
    struct buf line = BUF_INIT(DIAG_LINE_MAX + 128);
    buf_printf(&line, "<%d>%s %s[%d]: %.*s", LOG_MAIL | level, when, name, (int)getpid(),
               SPAN_ARGS(text));
    (void)!send_datagram(&door, buf_span(&line));
    buf_free(&line);
}

// Aloud: the caller is to see it, wherever the log goes.
static void say(bool aloud, int level, const char *fmt, va_list ap)
{
    int kept = errno;
    struct buf text = BUF_INIT(DIAG_LINE_MAX);
    format_line(&text, fmt, ap);
    if (log_to == DIAG_JSON)
        to_json(level, NULL, buf_span(&text));
    else if (aloud || log_to != DIAG_SYSLOG)
        to_stderr(buf_span(&text));
    else
        to_syslog(level, program, buf_span(&text), NULL);
    buf_free(&text);
    errno = kept;
}

void diag_warn(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    say(true, LOG_ERR, fmt, ap);
    va_end(ap);
}

void diag_log(int level, const char *fmt, ...)
{
    va_list ap;
    if (log_to == DIAG_NONE)
        return;
    va_start(ap, fmt);
    say(false, level, fmt, ap);
    va_end(ap);
}

// Postfix says how bad it is in the text.
static void event_to_syslog(const struct event *e, const char *process, struct span text)
{
    struct buf name = BUF_INIT(64), line = BUF_INIT(DIAG_LINE_MAX + 64);
    buf_printf(&name, "sendoff/%s", process);
    buf_printf(&line, "%s%.*s", e->level == LOG_WARNING ? "warning: " : "", SPAN_ARGS(text));
    to_syslog(e->level, buf_str(&name), buf_span(&line), e);
    buf_free(&name);
    buf_free(&line);
}

static void event_as_text(const struct event *e)
{
    struct buf raw = BUF_INIT(ENTRY_MAX), text = BUF_INIT(DIAG_LINE_MAX);
    const char *process;
    for (unsigned nth = 0; event_line(e, nth, &process, &raw); nth++) {
        text_clean(&text, buf_span(&raw), DIAG_LINE_MAX);
        if (log_to == DIAG_SYSLOG)
            event_to_syslog(e, process, buf_span(&text));
        else
            to_stderr(buf_span(&text));
        buf_clear(&raw);
        buf_clear(&text);
    }
    buf_free(&raw);
    buf_free(&text);
}

void diag_event(const struct event *e)
{
    int kept = errno;
    if (log_to == DIAG_JSON)
        to_json(e->level, e, SPAN(""));
    else if (log_to != DIAG_NONE)
        event_as_text(e);
    errno = kept;
}
