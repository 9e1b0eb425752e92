// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/watch/status.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "paths.h"
#include "sendoff/queue/overview.h"
#include "sendoff/terminal.h"
#include "sendoff/watch/metrics.h"

enum { TEXT_MAX = 1 << 20 };

struct view {
    struct listing listing;
    struct metrics_account *account;
    size_t n_accounts;
    bool secret; // what is known of the accounts is not ours to read
};

static void show_nothing(const struct listing *l, const struct listed *one, void *context)
{
    (void)l, (void)one, (void)context;
}

static void look_at_account(struct view *v, const struct config *config, const char *dir,
                            struct metrics_account *a)
{
    struct schedule s = {.first = config->retry_first, .longest = config->retry_longest};
    errno = 0;
    bool known = account_peek(&a->memory, dir, a->name);
    v->secret |= !known && errno == EACCES;
    a->resting = known && !account_is_due(&a->memory, &s, v->listing.now);
    counters_read(&a->counters, dir, a->name);
}

static int look(struct view *v, struct call *call)
{
    const struct config *config = call->config;
    struct buf dir = BUF_INIT(4096);
    int status = listing_run(&v->listing, config, show_nothing, NULL, call->why);
    v->account = calloc(config->n_accounts + 1, sizeof *v->account);
    if (!v->account)
        return EX_TEMPFAIL;
    bool known = config_account_dir(config, &dir);
    for (size_t i = 0; i < config->n_accounts; i++) {
        v->account[i].name = config->accounts[i].name;
        if (known)
            look_at_account(v, config, buf_str(&dir), &v->account[i]);
    }
    v->n_accounts = config->n_accounts;
    buf_free(&dir);
    return status;
}

// ---- For people

static void put_key(struct buf *out, const struct terminal *t, const char *key)
{
    terminal_colour(out, t, COLOUR_BOLD);
    buf_printf(out, "%-9s", key);
    terminal_colour(out, t, COLOUR_NONE);
}

static void put_config(struct buf *out, const struct terminal *t, const struct call *call)
{
    put_key(out, t, "config");
    if (call->usable) {
        buf_printf(out, "%s, %s\n", call->config->path,
                   call->config->mode == CONFIG_SYSTEM ? "system" : "personal");
        return;
    }
    terminal_colour(out, t, COLOUR_RED);
    text_clean(out, buf_span(&call->config->problem), 2048);
    terminal_colour(out, t, COLOUR_NONE);
    buf_putc(out, '\n');
}

static void put_standing(struct buf *out, const struct terminal *t, const struct view *v,
                         const struct metrics_account *a)
{
    if (a->resting) {
        terminal_colour(out, t, COLOUR_RED);
        buf_puts(out, "rests, next try in ");
        overview_put_time(out, a->memory.not_before - v->listing.now);
        terminal_colour(out, t, COLOUR_NONE);
        buf_printf(out, "; in trouble for %u session%s: ", a->memory.failures,
                   a->memory.failures == 1 ? "" : "s");
        text_clean(out, span_of(a->memory.reply), OUTCOME_TEXT_MAX);
    } else if (a->memory.failures) {
        terminal_colour(out, t, COLOUR_YELLOW);
        buf_puts(out, "to be tried again: ");
        terminal_colour(out, t, COLOUR_NONE);
        text_clean(out, span_of(a->memory.reply), OUTCOME_TEXT_MAX);
    } else if (a->counters.sessions) {
        terminal_colour(out, t, COLOUR_GREEN);
        buf_puts(out, "works");
        terminal_colour(out, t, COLOUR_NONE);
        buf_puts(out, ", last session ");
        overview_put_time(out, v->listing.now - a->counters.last_session);
        buf_puts(out, " ago");
    } else {
        buf_puts(out, "not used yet");
    }
}

static void put_account(struct buf *out, const struct terminal *t, const struct view *v,
                        const struct metrics_account *a)
{
    const struct counters *c = &a->counters;
    put_key(out, t, "account");
    buf_printf(out, "%s: ", a->name);
    if (v->secret)
        buf_puts(out, "what is known of it is root's to read");
    else
        put_standing(out, t, v, a);
    buf_putc(out, '\n');
    if (!c->sent && !c->deferred && !c->failed && !c->troubles)
        return;
    buf_printf(out,
               "         %" PRIu64 " accepted, %" PRIu64 " deferred, %" PRIu64
               " failed, in %" PRIu64 " session%s, %" PRIu64 " with trouble\n",
               c->sent, c->deferred, c->failed, c->sessions, c->sessions == 1 ? "" : "s",
               c->troubles);
    if (c->last_sent) {
        buf_puts(out, "         mail was accepted last ");
        overview_put_time(out, v->listing.now - c->last_sent);
        buf_puts(out, " ago\n");
    }
}

static void put_text(struct buf *out, const struct call *call, const struct view *v)
{
    struct terminal t = terminal_of(STDOUT_FILENO);
    put_config(out, &t, call);
    put_key(out, &t, "queue");
    overview_put_sum(out, &v->listing);
    for (size_t i = 0; i < v->n_accounts; i++)
        put_account(out, &t, v, &v->account[i]);
}

// ---- For machines

static int complain(struct call *call, const char *path)
{
    buf_printf(call->why, "%s: %s", path, strerror(errno));
    return EX_CANTCREAT;
}

// Whoever reads the file sees the old one or the new one, and a link that somebody put in its
// place is not followed.
static int write_file(struct call *call, const char *path, struct span text)
{
    struct buf new = BUF_INIT(4096);
    int status = 0;
    buf_printf(&new, "%s.new", path);
    io_unlink(AT_FDCWD, buf_str(&new));
    int fd = io_open(AT_FDCWD, buf_str(&new), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644);
    if (fd < 0 || io_chmod(fd, 0644) || io_write(fd, text.p, text.n) ||
        io_replace(AT_FDCWD, buf_str(&new), AT_FDCWD, path))
        status = complain(call, path);
    if (status && fd >= 0)
        io_unlink(AT_FDCWD, buf_str(&new));
    io_close(fd);
    buf_free(&new);
    return status;
}

static int put_metrics(struct call *call, const struct view *v, const char *path)
{
    struct buf text = BUF_INIT(TEXT_MAX);
    struct metrics m = {.listing = &v->listing,
                        .usable = call->usable,
                        .version = SENDOFF_VERSION,
                        .account = v->account,
                        .n_accounts = v->secret ? 0 : v->n_accounts};
    int status = 0;
    metrics_put(&text, &m);
    if (path)
        status = write_file(call, path, buf_span(&text));
    else
        fwrite(buf_str(&text), 1, text.n, stdout);
    buf_free(&text);
    return status;
}

int status_command(struct call *call)
{
    struct view v = {.account = NULL};
    struct buf text = BUF_INIT(TEXT_MAX);
    bool metrics = call_takes(call, "--metrics");
    const char *path = metrics && !call_is_option(call) ? call_value(call) : NULL;
    if (call->argc)
        return call_usage(call, "status takes --metrics [FILE]");
    int status = look(&v, call);
    if (!status && metrics) {
        status = put_metrics(call, &v, path);
    } else if (!status) {
        put_text(&text, call, &v);
        fwrite(buf_str(&text), 1, text.n, stdout);
        status = call->usable ? EX_OK : EX_CONFIG;
    }
    buf_free(&text);
    free(v.account);
    return status;
}
