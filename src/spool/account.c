// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "spool/account.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "message/xtext.h"
#include "spool/lock.h"

enum {
    FILE_MAX = 2048,
    FAILURES_MAX = 9999,
    AUTH_REFUSED = 7, // the subject of the status codes X.7.Y: security (RFC 3463, 3.8)
};

static void take_line(struct account *a, struct span line)
{
    struct span key, value;
    uint64_t number;
    if (!span_word(&line, &key) || !span_word(&line, &value))
        return;
    if (span_equal(key, SPAN("not-before")) && text_number(value, INT64_MAX, &number))
        a->not_before = (int64_t)number;
    if (span_equal(key, SPAN("failures")) && text_number(value, FAILURES_MAX, &number))
        a->failures = (unsigned)number;
    if (span_equal(key, SPAN("reply"))) {
        struct buf plain = BUF_INIT(FILE_MAX), clean = BUF_INIT(OUTCOME_TEXT_MAX);
        if (xtext_take_field(&plain, value))
            text_clean(&clean, buf_span(&plain), OUTCOME_TEXT_MAX);
        memcpy(a->reply, buf_str(&clean), clean.n + 1);
        buf_free(&plain);
        buf_free(&clean);
    }
}

static void read_file(struct account *a)
{
    char text[FILE_MAX];
    ssize_t n = io_pread(a->fd, text, sizeof text, 0);
    struct span rest = {text, n > 0 ? (size_t)n : 0}, line;
    while (rest.n && span_cut(&rest, '\n', &line))
        take_line(a, line);
}

// Written in place behind the holder's line; a torn file reads as less, which costs time only.
static void write_file(const struct account *a)
{
    struct buf text = BUF_INIT(FILE_MAX);
    if (a->fd < 0)
        return;
    buf_printf(&text, "not-before %" PRId64 "\nfailures %u\nreply ", a->not_before,
               a->failures);
    xtext_put_field(&text, span_of(a->reply));
    buf_putc(&text, '\n');
    if (io_pwrite(a->fd, text.p, text.n, LOCK_HOLDER_WIDTH) == 0 &&
        io_truncate(a->fd, (off_t)(LOCK_HOLDER_WIDTH + text.n)))
        errno = 0;
    buf_free(&text);
}

static int open_dir(const char *path)
{
    int dir = io_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NONBLOCK, 0);
    if (dir < 0 && errno == ENOENT && io_mkdir(AT_FDCWD, path, 0700) == 0)
        dir = io_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NONBLOCK, 0);
    return dir;
}

enum account_answer account_open(struct account *a, const char *dir, const char *name)
{
    *a = (struct account){.fd = -1};
    int at = open_dir(dir);
    if (at < 0)
        return ACCOUNT_LOST;
    a->fd = lock_take(at, name);
    enum account_answer answer = ACCOUNT_OPEN;
    if (a->fd < 0)
        answer = errno == EWOULDBLOCK ? ACCOUNT_BUSY : ACCOUNT_LOST;
    else
        read_file(a);
    io_close(at);
    return answer;
}

void account_close(struct account *a)
{
    io_close(a->fd);
    a->fd = -1;
}

bool account_peek(struct account *a, const char *dir, const char *name)
{
    *a = (struct account){.fd = -1};
    int at = io_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY | O_NONBLOCK, 0);
    if (at < 0)
        return false;
    a->fd = io_open(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
    io_close(at);
    if (a->fd < 0)
        return false;
    read_file(a);
    account_close(a);
    return true;
}

bool account_is_due(const struct account *a, const struct schedule *s, int64_t now)
{
    return schedule_is_due(s, a->not_before, now);
}

void account_stood(struct account *a)
{
    if (a->failures == 0 && a->not_before == 0)
        return;
    a->failures = 0;
    a->not_before = 0;
    a->reply[0] = '\0';
    write_file(a);
}

void account_failed(struct account *a, const struct schedule *s, int64_t now, uint32_t random,
                    const struct outcome *trouble)
{
    struct schedule pauses = *s;
    struct buf reply = BUF_INIT(OUTCOME_TEXT_MAX + 64);
    if (trouble->code && trouble->status[1] == AUTH_REFUSED &&
        pauses.first < ACCOUNT_AUTH_PAUSE)
        pauses.first = ACCOUNT_AUTH_PAUSE;
    if (a->failures < FAILURES_MAX)
        a->failures++;
    a->not_before = schedule_next(&pauses, now, a->failures, random);
    outcome_describe(&reply, trouble);
    snprintf(a->reply, sizeof a->reply, "%s", buf_str(&reply));
    buf_free(&reply);
    write_file(a);
}
