// SPDX-License-Identifier: ISC
#include "sendoff/check/standing.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sendoff/check/advice.h"
#include "sendoff/check/checkbell.h"
#include "sendoff/queue/overview.h"

enum { TEXT_MAX = 8192, KEY_WIDTH = 9 };

// A line of the page, with a colour for its beginning; where that is empty, for all of it.
struct row {
    const char *key; // in front of the first one of its kind, "" for the others
    enum colour colour;
    struct buf head, rest;
};

#define ROW(word) \
    ((struct row){.key = (word), .head = BUF_INIT(TEXT_MAX), .rest = BUF_INIT(TEXT_MAX)})

// Appends it and is done with it.
static void put(struct buf *out, const struct terminal *t, struct row *line)
{
    struct buf clean = BUF_INIT(2 * TEXT_MAX);
    if (*line->key)
        terminal_colour(out, t, COLOUR_BOLD);
    buf_printf(out, "%-*s", KEY_WIDTH, line->key);
    if (*line->key)
        terminal_colour(out, t, COLOUR_NONE);
    if (line->colour != COLOUR_NONE)
        terminal_colour(out, t, line->colour);
    buf_put_span(out, buf_span(&line->head));
    if (line->colour != COLOUR_NONE && line->head.n)
        terminal_colour(out, t, COLOUR_NONE);
    text_clean(&clean, buf_span(&line->rest), TEXT_MAX);
    terminal_wrap(out, t, buf_span(&clean), KEY_WIDTH + terminal_columns(buf_span(&line->head)),
                  KEY_WIDTH);
    if (line->colour != COLOUR_NONE && !line->head.n)
        terminal_colour(out, t, COLOUR_NONE);
    buf_free(&clean);
    buf_free(&line->head);
    buf_free(&line->rest);
}

static void put_fix(struct buf *out, const struct terminal *t, const char *fix)
{
    struct row line = ROW("");
    line.colour = COLOUR_BOLD;
    if (!*fix)
        return;
    buf_puts(&line.head, "fix: ");
    buf_puts(&line.rest, fix);
    put(out, t, &line);
}

static void put_config(struct buf *out, const struct terminal *t, const struct config *config,
                       const struct standing *v)
{
    struct row line = ROW("config");
    if (v->usable) {
        buf_printf(&line.rest, "%s, %s", config->path,
                   config->mode == CONFIG_SYSTEM ? "system" : "personal");
    } else {
        line.colour = COLOUR_RED;
        buf_put_span(&line.rest, buf_span(&config->problem));
    }
    put(out, t, &line);
    if (!v->usable)
        put_fix(out, t,
                config->path[0] ? "correct that line; sendoff.conf(5) has every key"
                                : "`sendoff setup` makes one");
}

static void put_causes(struct buf *out, const struct terminal *t, const struct causes *causes)
{
    for (size_t i = 0; i < causes->n; i++) {
        const struct cause *cause = &causes->cause[i];
        struct row line = ROW("");
        causes_put(&line.rest, cause);
        if (line.rest.n)
            put(out, t, &line);
        put_fix(out, t, causes_advice(cause));
    }
    if (causes->others) {
        struct row line = ROW("");
        buf_printf(&line.rest, "%" PRIu64 " for other reasons", causes->others);
        put(out, t, &line);
    }
}

static void put_queue(struct buf *out, const struct terminal *t, const struct standing *v)
{
    struct row line = ROW("queue");
    if (v->trouble.n) {
        line.colour = COLOUR_RED;
        buf_puts(&line.head, "can not be read");
        buf_printf(&line.rest, ": %s", buf_str(&v->trouble));
    } else {
        overview_put_sum(&line.rest, &v->listing);
        buf_cut(&line.rest, span_trim(buf_span(&line.rest)).n);
    }
    put(out, t, &line);
    if (v->trouble.n)
        put_fix(out, t, advice_for("spool", buf_str(&v->trouble)));
    else
        put_causes(out, t, &v->causes);
    if (v->refusal) {
        struct row no = {
            .key = "", .colour = COLOUR_RED, .head = BUF_INIT(64), .rest = BUF_INIT(TEXT_MAX)};
        buf_puts(&no.head, "no message can be queued");
        buf_printf(&no.rest, ": %s", strerror(v->refusal));
        put(out, t, &no);
        put_fix(out, t, advice_for("spool", strerror(v->refusal)));
    }
}

// How the account stands, and what mends it.
static const char *put_state(struct row *line, const struct standing *v,
                             const struct metrics_account *a)
{
    if (v->secret) {
        buf_puts(&line->rest, "what is known of it is root's to read");
    } else if (a->resting) {
        line->colour = COLOUR_RED;
        buf_puts(&line->head, "rests, next try in ");
        overview_put_time(&line->head, a->memory.not_before - v->listing.now);
        buf_printf(&line->rest, "; in trouble for %u session%s: %s", a->memory.failures,
                   a->memory.failures == 1 ? "" : "s", a->memory.reply);
        return advice_on(a->memory.reply);
    } else if (a->memory.failures) {
        line->colour = COLOUR_YELLOW;
        buf_puts(&line->head, "to be tried again");
        buf_printf(&line->rest, ": %s", a->memory.reply);
        return advice_on(a->memory.reply);
    } else if (a->counters.sessions) {
        line->colour = COLOUR_GREEN;
        buf_puts(&line->head, "works");
        buf_puts(&line->rest, ", last session ");
        overview_put_time(&line->rest, v->listing.now - a->counters.last_session);
        buf_puts(&line->rest, " ago");
    } else {
        buf_puts(&line->rest, "not used yet");
    }
    return "";
}

static void put_counts(struct buf *out, const struct terminal *t, const struct standing *v,
                       const struct counters *c)
{
    struct row line = ROW(""), last = ROW("");
    buf_printf(&line.rest,
               "%" PRIu64 " accepted, %" PRIu64 " deferred, %" PRIu64 " failed, in %" PRIu64
               " session%s, %" PRIu64 " with trouble",
               c->sent, c->deferred, c->failed, c->sessions, c->sessions == 1 ? "" : "s",
               c->troubles);
    put(out, t, &line);
    if (!c->last_sent)
        return;
    buf_puts(&last.rest, "mail was accepted last ");
    overview_put_time(&last.rest, v->listing.now - c->last_sent);
    buf_puts(&last.rest, " ago");
    put(out, t, &last);
}

static void put_account(struct buf *out, const struct terminal *t, const struct standing *v,
                        const struct metrics_account *a)
{
    const struct counters *c = &a->counters;
    struct row line = ROW("account");
    struct buf state = BUF_INIT(TEXT_MAX);
    const char *fix = put_state(&line, v, a);
    buf_printf(&state, "%s: %s", a->name, buf_str(&line.head));
    buf_clear(&line.head);
    buf_put_span(&line.head, buf_span(&state));
    buf_free(&state);
    put(out, t, &line);
    put_fix(out, t, fix);
    if (c->sent || c->deferred || c->failed || c->troubles)
        put_counts(out, t, v, c);
}

static void put_timer(struct buf *out, const struct terminal *t, const struct config *config,
                      const struct standing *v)
{
    struct row line = ROW("timer");
    if (v->timer) {
        buf_puts(&line.rest, v->timer);
    } else {
        line.colour = COLOUR_YELLOW;
        buf_puts(&line.head, "none was found");
        buf_puts(&line.rest, " that tries again what could not be sent at once");
    }
    put(out, t, &line);
    if (!v->timer)
        put_fix(out, t, checkbell_advice(config));
}

void standing_put(struct buf *out, const struct terminal *t, const struct config *config,
                  const struct standing *v)
{
    put_config(out, t, config, v);
    put_queue(out, t, v);
    for (size_t i = 0; i < v->n_accounts; i++)
        put_account(out, t, v, &v->account[i]);
    put_timer(out, t, config, v);
}
