// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "spool/counters.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/io.h"

enum { FILE_MAX = 1024 };

// The numbers are of fixed width, so that a file that is written over keeps its length.
static const struct {
    const char *key;
    size_t at;
} lines[] = {
    {"sent", offsetof(struct counters, sent)},
    {"deferred", offsetof(struct counters, deferred)},
    {"failed", offsetof(struct counters, failed)},
    {"sessions", offsetof(struct counters, sessions)},
    {"troubles", offsetof(struct counters, troubles)},
    {"last-sent", offsetof(struct counters, last_sent)},
    {"last-session", offsetof(struct counters, last_session)},
};
enum { LINES = sizeof lines / sizeof *lines };

static void *at(struct counters *c, size_t line)
{
    return (char *)c + lines[line].at;
}

static void take_line(struct counters *c, struct span line)
{
    struct span key, value;
    uint64_t number;
    if (!span_word(&line, &key) || !span_word(&line, &value) ||
        !text_number(value, INT64_MAX, &number))
        return;
    for (size_t i = 0; i < LINES; i++)
        if (span_equal(key, span_of(lines[i].key)))
            *(uint64_t *)at(c, i) = number;
}

static void read_file(struct counters *c, int fd)
{
    char text[FILE_MAX];
    ssize_t n = io_pread(fd, text, sizeof text, 0);
    struct span rest = {text, n > 0 ? (size_t)n : 0}, line;
    while (rest.n && span_cut(&rest, '\n', &line))
        take_line(c, line);
}

static void write_file(struct counters *c, int fd)
{
    struct buf text = BUF_INIT(FILE_MAX);
    for (size_t i = 0; i < LINES; i++)
        buf_printf(&text, "%s %020" PRIu64 "\n", lines[i].key, *(uint64_t *)at(c, i));
    if (io_pwrite(fd, text.p, text.n, 0) || io_truncate(fd, (off_t)text.n))
        errno = 0; // they are not missed
    buf_free(&text);
}

// No account's name begins with a dot, so its file has none of theirs.
static int open_file(const char *dir, const char *name, int flags)
{
    struct buf own = BUF_INIT(256);
    int root = io_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY | O_NONBLOCK, 0);
    if (root < 0)
        return -1;
    buf_printf(&own, ".%s.count", name);
    int fd = io_open(root, buf_str(&own), flags | O_NOFOLLOW | O_NONBLOCK, 0600);
    io_close(root);
    buf_free(&own);
    return fd;
}

bool counters_read(struct counters *c, const char *dir, const char *name)
{
    *c = (struct counters){0};
    int fd = open_file(dir, name, O_RDONLY);
    if (fd < 0)
        return false;
    read_file(c, fd);
    io_close(fd);
    return true;
}

void counters_add(const char *dir, const char *name, const struct counters *more)
{
    struct counters sum = {0};
    int fd = open_file(dir, name, O_RDWR | O_CREAT);
    if (fd < 0)
        return;
    read_file(&sum, fd);
    sum.sent += more->sent;
    sum.deferred += more->deferred;
    sum.failed += more->failed;
    sum.sessions += more->sessions;
    sum.troubles += more->troubles;
    sum.last_sent = more->last_sent ? more->last_sent : sum.last_sent;
    sum.last_session = more->last_session ? more->last_session : sum.last_session;
    write_file(&sum, fd);
    io_close(fd);
}
