// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "spool/account.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/io.h"
#include "message/stumble.h"
#include "message/xtext.h"
#include "spool/lock.h"

enum {
    FILE_MAX = 4096,
    FAILURES_MAX = 9999,
    AUTH_REFUSED = 7, // the subject of the status codes X.7.Y: security (RFC 3463, 3.8)
};

static void take_text(char to[OUTCOME_TEXT_MAX + 1], struct span value)
{
    struct buf plain = BUF_INIT(FILE_MAX), clean = BUF_INIT(OUTCOME_TEXT_MAX);
    if (xtext_take_field(&plain, value))
        text_clean(&clean, buf_span(&plain), OUTCOME_TEXT_MAX);
    memcpy(to, buf_str(&clean), clean.n + 1);
    buf_free(&plain);
    buf_free(&clean);
}

enum { DAY = 24 * 3600 }; // seconds

static const struct {
    struct span word;
    int64_t kept; // seconds
    unsigned stumble;
} lessons[ACCOUNT_LESSONS] = {
    [ACCOUNT_CHUNKING] = {SPAN_INIT("no-chunking"), 30 * DAY, STUMBLE_CHUNKING},
    // A broken line can look the same.
    [ACCOUNT_PIPELINING] = {SPAN_INIT("no-pipelining"), DAY, STUMBLE_PIPELINING},
    [ACCOUNT_PARAMETERS] = {SPAN_INIT("no-parameters"), 30 * DAY, STUMBLE_PARAMETERS},
    // These cost something, and one odd request can be why.
    [ACCOUNT_DSN] = {SPAN_INIT("no-dsn"), DAY, STUMBLE_DSN},
    [ACCOUNT_BODY] = {SPAN_INIT("no-body"), DAY, STUMBLE_BODY},
    [ACCOUNT_CONNECTIONS] = {SPAN_INIT("connections"), DAY, 0},
    [ACCOUNT_MESSAGES] = {SPAN_INIT("messages"), DAY, 0},
};

static void take_lesson(struct account *a, struct span word, struct span *rest)
{
    struct span value, at;
    uint64_t number, when;
    if (!span_word(rest, &value) || !span_word(rest, &at) ||
        !text_number(value, UINT32_MAX, &number) || !text_number(at, INT64_MAX, &when))
        return;
    for (size_t i = 0; i < ACCOUNT_LESSONS; i++)
        if (span_equal(word, lessons[i].word)) {
            a->learned[i].value = number;
            a->learned[i].at = (int64_t)when;
        }
}

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
    if (span_equal(key, SPAN("relay-since")) && text_number(value, INT64_MAX, &number))
        a->relay_since = (int64_t)number;
    if (span_equal(key, SPAN("reply")))
        take_text(a->reply, value);
    if (span_equal(key, SPAN("relay")))
        take_text(a->relay, value);
    if (span_equal(key, SPAN("learned")))
        take_lesson(a, value, &line);
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
    if (a->relay[0]) {
        buf_printf(&text, "\nrelay-since %" PRId64 "\nrelay ", a->relay_since);
        xtext_put_field(&text, span_of(a->relay));
    }
    buf_putc(&text, '\n');
    for (size_t i = 0; i < ACCOUNT_LESSONS; i++)
        if (a->learned[i].value)
            buf_printf(&text, "learned %.*s %" PRIu64 " %" PRId64 "\n",
                       SPAN_ARGS(lessons[i].word), a->learned[i].value, a->learned[i].at);
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

const char *account_relay(const struct account *a, int64_t now)
{
    int64_t age = now - a->relay_since;
    bool fresh = age >= 0 && age < (int64_t)ACCOUNT_RELAY_TIME * CLOCK_SECOND_US;
    return fresh ? a->relay : "";
}

void account_note_relay(struct account *a, const char *relay, int64_t now)
{
    if (strcmp(account_relay(a, now), relay) == 0)
        return;
    snprintf(a->relay, sizeof a->relay, "%s", relay);
    a->relay_since = now;
    write_file(a);
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

void account_learn(struct account *a, enum account_lesson lesson, uint64_t value, int64_t now)
{
    a->learned[lesson].value = value;
    a->learned[lesson].at = now;
    write_file(a);
}

uint64_t account_learned(const struct account *a, enum account_lesson lesson, int64_t now)
{
    int64_t age = now - a->learned[lesson].at;
    // Less than nothing where the clock was set back: who knows how old it is.
    bool fresh = age >= 0 && age < lessons[lesson].kept * CLOCK_SECOND_US;
    return fresh ? a->learned[lesson].value : 0;
}

void account_stumbled(struct account *a, unsigned stumbles, int64_t now)
{
    for (size_t i = 0; i < ACCOUNT_LESSONS; i++)
        if (lessons[i].stumble & stumbles)
            account_learn(a, (enum account_lesson)i, 1, now);
}

unsigned account_stumbles(const struct account *a, int64_t now)
{
    unsigned set = 0;
    for (size_t i = 0; i < ACCOUNT_LESSONS; i++)
        if (account_learned(a, (enum account_lesson)i, now))
            set |= lessons[i].stumble;
    return set;
}
