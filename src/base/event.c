// SPDX-License-Identifier: ISC
#include "base/event.h"

#include <inttypes.h>
#include <string.h>

enum { MS = 1000, SECOND = 1000000 }; // in microseconds

static int64_t age(const struct event_delays *d)
{
    return d->before + d->waiting + d->connecting + d->sending;
}

// Seconds, with two digits that say something: 0.04, 5.7, 130.
static void put_seconds(struct buf *out, int64_t us)
{
    int64_t cents = us > 0 ? us / (SECOND / 100) : 0;
    if (cents >= 10000)
        buf_printf(out, "%" PRId64, cents / 100);
    else if (cents >= 1000)
        buf_printf(out, "%" PRId64 ".%" PRId64, cents / 100, cents / 10 % 10);
    else
        buf_printf(out, "%" PRId64 ".%02" PRId64, cents / 100, cents % 100);
}

static void put_delays(struct buf *out, const struct event_delays *d)
{
    const int64_t parts[] = {d->before, d->waiting, d->connecting, d->sending};
    buf_puts(out, "delay=");
    put_seconds(out, age(d));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        buf_puts(out, i ? "/" : ", delays=");
        put_seconds(out, parts[i]);
    }
}

static const char *relay_of(const struct event *e)
{
    return e->relay && *e->relay ? e->relay : "none";
}

static void put_queued(const struct event *e, struct span id, struct buf *out)
{
    buf_printf(out, "%.*s: from=<%s>, size=%" PRIu64 ", nrcpt=%zu (queue active)",
               SPAN_ARGS(id), e->sender, e->size, e->recipients);
}

static void put_attempt(const struct event *e, struct buf *out)
{
    buf_printf(out, "%.*s: to=<%s>, relay=%s, ", SPAN_ARGS(e->id), e->recipient, relay_of(e));
    put_delays(out, &e->delays);
    buf_printf(out, ", dsn=%u.%u.%u, status=%s (%s), uid=%" PRId64, e->detail[0], e->detail[1],
               e->detail[2], e->status, e->text, e->uid);
}

bool event_line(const struct event *e, unsigned nth, const char **process, struct buf *out)
{
    bool twice = e->kind == EVENT_QUEUED || e->kind == EVENT_REPORTED;
    *process = "qmgr";
    if (nth > twice)
        return false;
    switch (e->kind) {
    case EVENT_QUEUED:
        if (nth == 1) {
            put_queued(e, e->id, out);
        } else {
            *process = "pickup";
            buf_printf(out, "%.*s: uid=%" PRId64 " from=<%s>", SPAN_ARGS(e->id), e->uid,
                       e->sender);
        }
        break;
    case EVENT_ATTEMPTED:
        *process = "smtp";
        put_attempt(e, out);
        break;
    case EVENT_REMOVED: buf_printf(out, "%.*s: removed", SPAN_ARGS(e->id)); break;
    case EVENT_REPORTED:
        if (nth == 1) {
            put_queued(e, e->report_id, out);
        } else {
            *process = "bounce";
            buf_printf(out, "%.*s: %s: %.*s", SPAN_ARGS(e->id), e->report,
                       SPAN_ARGS(e->report_id));
        }
        break;
    case EVENT_LINE:
        *process = "smtp";
        buf_printf(out, "account=%s, relay=%s: %s", e->account, relay_of(e), e->text);
        break;
    }
    return true;
}

const char *event_word(enum event_kind kind)
{
    static const char *const words[] = {[EVENT_QUEUED] = "queued",
                                        [EVENT_ATTEMPTED] = "attempted",
                                        [EVENT_REMOVED] = "removed",
                                        [EVENT_REPORTED] = "reported",
                                        [EVENT_LINE] = "line"};
    return words[kind];
}

struct walk {
    const struct event_sink *sink;
    void *with;
};

static void say(const struct walk *w, const char *name, const char *text)
{
    if (text)
        w->sink->text(w->with, name, span_of(text));
}

static void walk_attempt(const struct walk *w, const struct event *e)
{
    static const char *const names[] = {"delay_ms", "before_ms", "waiting_ms", "connecting_ms",
                                        "sending_ms"};
    const struct event_delays *d = &e->delays;
    const int64_t times[] = {age(d), d->before, d->waiting, d->connecting, d->sending};
    struct buf detail = BUF_INIT(32);
    buf_printf(&detail, "%u.%u.%u", e->detail[0], e->detail[1], e->detail[2]);
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        w->sink->number(w->with, names[i], times[i] / MS);
    if (e->code)
        w->sink->number(w->with, "code", e->code);
    say(w, "dsn", buf_str(&detail));
    say(w, "status", e->status);
    buf_free(&detail);
}

void event_walk(const struct event *e, const struct event_sink *sink, void *with)
{
    const struct walk w = {sink, with};
    say(&w, "event", event_word(e->kind));
    if (e->id.n)
        sink->text(with, "id", e->id);
    if (e->uid >= 0)
        sink->number(with, "uid", e->uid);
    say(&w, "sender", e->sender);
    if (e->recipients) {
        sink->number(with, "size", (int64_t)e->size);
        sink->number(with, "recipients", (int64_t)e->recipients);
    }
    say(&w, "recipient", e->recipient);
    say(&w, "account", e->account);
    if (e->relay && *e->relay)
        say(&w, "relay", e->relay);
    if (e->kind == EVENT_ATTEMPTED)
        walk_attempt(&w, e);
    say(&w, "report", e->report);
    if (e->report_id.n)
        sink->text(with, "report_id", e->report_id);
    say(&w, e->kind == EVENT_ATTEMPTED ? "reply" : "reason", e->text);
}
