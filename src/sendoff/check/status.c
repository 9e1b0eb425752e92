// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/check/status.h"

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
#include "sendoff/check/checkbell.h"
#include "sendoff/check/standing.h"
#include "spool/deposit.h"

enum { TEXT_MAX = 1 << 20 };

static void show_nothing(const struct listing *l, const struct listed *one, void *context)
{
    (void)l, (void)one, (void)context;
}

static void count(const struct listing *l, const struct listed *one, void *context)
{
    (void)l;
    causes_add(context, one);
}

static void look_at_account(struct standing *v, const struct config *config, const char *dir,
                            struct metrics_account *a)
{
    struct schedule s = {.first = config->retry_first, .longest = config->retry_longest};
    errno = 0;
    bool known = account_peek(&a->memory, dir, a->name);
    v->secret |= !known && errno == EACCES;
    a->resting = known && !account_is_due(&a->memory, &s, v->listing.now);
    counters_read(&a->counters, dir, a->name);
}

static int take_view(struct standing *v, struct call *call, bool people)
{
    const struct config *config = call->config;
    struct buf dir = BUF_INIT(4096);
    int status = listing_run(&v->listing, config, people ? count : show_nothing,
                             people ? &v->causes : NULL, call->why);
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

static int put_metrics(struct call *call, const struct standing *v, const char *path)
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

// Whether the user's own spool, where there is one, takes mail now: 0, or why not.
static int try_spool(const struct config *config)
{
    struct buf path = BUF_INIT(4096);
    struct maildir m = MAILDIR_CLOSED;
    int error = 0;
    if (config_spool(config, &path) && maildir_open(&m, buf_str(&path), false) == MAILDIR_OPEN)
        error = deposit_try(&m) ? errno : 0;
    maildir_close(&m);
    buf_free(&path);
    return error;
}

// Where the queue can not be read, all else is told nevertheless.
static int print(struct call *call, struct standing *v, int status)
{
    struct buf text = BUF_INIT(TEXT_MAX);
    struct terminal t = terminal_of(STDOUT_FILENO);
    buf_put_span(&v->trouble, buf_span(call->why));
    buf_clear(call->why);
    causes_sort(&v->causes);
    v->usable = call->usable;
    v->refusal = try_spool(call->config);
    v->timer = checkbell_timer(call->config);
    standing_put(&text, &t, call->config, v);
    fwrite(buf_str(&text), 1, text.n, stdout);
    buf_free(&text);
    return status || call->usable ? status : EX_CONFIG;
}

int status_command(struct call *call)
{
    struct standing v = {.trouble = BUF_INIT(TEXT_MAX)};
    bool metrics = call_takes(call, "--metrics");
    const char *path = metrics && !call_is_option(call) ? call_value(call) : NULL;
    if (call->argc)
        return call_usage(call, "status takes --metrics [FILE]");
    int status = take_view(&v, call, !metrics);
    if (!metrics)
        status = print(call, &v, status);
    else if (!status)
        status = put_metrics(call, &v, path);
    buf_free(&v.trouble);
    free(v.account);
    return status;
}
