// SPDX-License-Identifier: ISC
#include "sendoff/pass/quota.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"
#include "spool/lock.h"

enum {
    LINE_MAX_OCTETS = 128,
    COUNT_MAX = 9999,
    SPOOL_WIDTH = 53, // octets of the spool's line, LF included
    USER_WIDTH = 68,  // and of one that names its user
    USERS = 256,      // lines that name one
};

static bool take_key(struct span *rest, struct span key, uint64_t max, uint64_t *number)
{
    struct span word, name;
    return span_word(rest, &word) && span_cut(&word, '=', &name) && span_equal(name, key) &&
           word.p && text_number(word, max, number);
}

// Where the line stands.
static off_t line_at(uint32_t user)
{
    off_t at = LOCK_HOLDER_WIDTH;
    return user == QUOTA_SPOOL ? at : at + SPOOL_WIDTH + (off_t)(user % USERS) * USER_WIDTH;
}

static void read_line(struct quota *q)
{
    char text[LINE_MAX_OCTETS];
    uint64_t since, reports, digests, user = QUOTA_SPOOL;
    struct span line, rest;
    q->since = 0;
    q->reports = q->digests = 0;
    ssize_t n = q->fd < 0 ? 0 : io_pread(q->fd, text, sizeof text, line_at(q->user));
    rest = (struct span){text, n > 0 ? (size_t)n : 0};
    if (!rest.n || !span_cut(&rest, '\n', &line) || !rest.p ||
        !take_key(&line, SPAN("since"), INT64_MAX, &since) ||
        !take_key(&line, SPAN("reports"), COUNT_MAX, &reports) ||
        !take_key(&line, SPAN("digests"), COUNT_MAX, &digests))
        return;
    if (q->user != QUOTA_SPOOL &&
        (!take_key(&line, SPAN("uid"), UINT32_MAX, &user) || user != q->user))
        return;
    q->since = (int64_t)since;
    q->reports = (unsigned)reports;
    q->digests = (unsigned)digests;
}

void quota_read(struct quota *q, int fd)
{
    *q = (struct quota){.fd = fd, .user = QUOTA_SPOOL};
    read_line(q);
}

void quota_switch(struct quota *q, uint32_t user)
{
    if (q->user == user)
        return;
    q->user = user;
    read_line(q);
}

static void begin_hour(struct quota *q, int64_t now)
{
    int64_t age = now - q->since;
    if (age >= 0 && age < (int64_t)QUOTA_HOUR * CLOCK_SECOND_US)
        return;
    q->since = now;
    q->reports = q->digests = 0;
}

bool quota_allows(struct quota *q, enum quota_kind kind, int64_t now)
{
    begin_hour(q, now);
    return kind == QUOTA_REPORT ? q->reports < QUOTA_REPORTS : q->digests == 0;
}

void quota_spend(struct quota *q, enum quota_kind kind, int64_t now)
{
    struct buf text = BUF_INIT(LINE_MAX_OCTETS);
    begin_hour(q, now);
    if (kind == QUOTA_REPORT)
        q->reports++;
    else
        q->digests++;
    // Of fixed width, so that it covers what was there.
    buf_printf(&text, "since=%020" PRId64 " reports=%04u digests=%04u", q->since, q->reports,
               q->digests);
    if (q->user != QUOTA_SPOOL)
        buf_printf(&text, " uid=%010" PRIu32, q->user);
    buf_putc(&text, '\n');
    if (q->fd >= 0 && io_pwrite(q->fd, text.p, text.n, line_at(q->user)))
        errno = 0; // counted for this pass, at least
    buf_free(&text);
}
