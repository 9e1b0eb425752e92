// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendmail/store.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sysexits.h>

#include "base/io.h"
#include "base/process.h"

// What a signal has to take away before it ends the program: nothing half written may stay.
static const struct store *volatile unfinished;

static void end_by_signal(int sig)
{
    const struct store *s = unfinished;
    if (s)
        io_unlink(s->maildir.tmp, s->deposit.name);
    signal(sig, SIG_DFL);
    raise(sig);
}

static void watch_signals(void)
{
    static const int ending[] = {SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGXCPU};
    static bool watched;
    for (size_t i = 0; !watched && i < sizeof ending / sizeof *ending; i++) {
        struct sigaction old, new = {.sa_handler = end_by_signal};
        sigfillset(&new.sa_mask);
        // nohup's HUP stays ignored.
        if (sigaction(ending[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(ending[i], &new, NULL);
    }
    watched = true;
}

static int fail(struct store *s, struct buf *why, int status, const char *what)
{
    s->error = errno;
    buf_printf(why, "%s: %s", what, strerror(errno));
    return status;
}

// Trouble with the spool: a path that can not be used, or something that may pass (DESIGN 5.1).
static int spool_status(int error)
{
    switch (error) {
    case EACCES:
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case EROFS: return EX_CANTCREAT;
    default: return EX_TEMPFAIL;
    }
}

// ---- The drop instead

// What will be the same the next time, whoever waits.
static bool is_lasting(int error)
{
    return error == EPERM || spool_status(error) == EX_CANTCREAT;
}

// The spool can not be used, as *why says: the drop takes its place if there is one.
static int turn_to_drop(struct store *s, int status, struct buf *why)
{
    if (!s->drop.n)
        return status;
    buf_put_span(&s->spool, buf_span(why));
    buf_puts(why, "; ");
    if (visit_begin(&s->visit, buf_str(&s->drop), why))
        return status;
    buf_clear(why);
    s->visiting = true;
    s->error = 0;
    return 0;
}

// What the drop says is only half of the trouble.
static int blame_both(const struct store *s, int status, struct buf *what, struct buf *why)
{
    if (status)
        buf_printf(why, "%s; %s", buf_str(&s->spool), buf_str(what));
    buf_free(what);
    return status;
}

// ---- The spool

// Those that the caller has queued already count against max_queued.
static int check_room(struct store *s, uint64_t most, struct buf *why)
{
    static const enum maildir_place places[] = {MAILDIR_NEW, MAILDIR_CUR};
    uint64_t waiting = 0;
    for (size_t i = 0; i < sizeof places / sizeof *places && waiting < most; i++) {
        struct buf names = BUF_INIT(0);
        ssize_t count = maildir_list(&s->maildir, places[i], (size_t)(most - waiting), &names);
        buf_free(&names);
        if (count < 0)
            return fail(s, why, EX_TEMPFAIL, "spool: queue can not be counted");
        waiting += (uint64_t)count;
    }
    if (waiting < most)
        return 0;
    s->error = EDQUOT;
    buf_printf(why, "spool: %" PRIu64 " messages wait already (max_queued)", most);
    return EX_TEMPFAIL;
}

// To count, all of the spool is needed; to add, less.
static int open_spool(struct store *s, const struct config *config, const char *path,
                      struct buf *why)
{
    enum maildir_answer answer = config->max_queued ? maildir_open(&s->maildir, path, true)
                                                    : maildir_open_to_add(&s->maildir, path);
    switch (answer) {
    case MAILDIR_OPEN: return config->max_queued ? check_room(s, config->max_queued, why) : 0;
    case MAILDIR_TROUBLE: fail(s, why, 0, path); break;
    case MAILDIR_FOREIGN:
        buf_printf(why, "%s: not a directory of the user's own with mode 0700", path);
        return turn_to_drop(s, EX_TEMPFAIL, why);
    }
    int status = spool_status(s->error);
    return is_lasting(s->error) ? turn_to_drop(s, status, why) : status;
}

int store_open(struct store *s, const struct config *config, struct buf *why)
{
    struct buf path = BUF_INIT(4096);
    int status;
    *s = (struct store){.maildir = MAILDIR_CLOSED,
                        .deposit = {.fd = -1},
                        .visit = {.fd = -1},
                        .drop = BUF_INIT(4096),
                        .spool = BUF_INIT(4096)};
    if (!config_drop(config, &s->drop))
        buf_clear(&s->drop);
    if (config_spool_root(config, &path))
        maildir_make_root(buf_str(&path));
    buf_clear(&path);
    if (config_spool(config, &path)) {
        status = open_spool(s, config, buf_str(&path), why);
    } else {
        buf_puts(why, "no spool: the user has no home, and there is no system spool");
        status = turn_to_drop(s, EX_CANTCREAT, why);
    }
    buf_free(&path);
    return status;
}

int store_create(struct store *s, struct buf *why)
{
    if (s->visiting)
        return 0;
    if (deposit_name(&s->deposit, &s->maildir))
        return fail(s, why, EX_TEMPFAIL, "no random octets");
    watch_signals();
    atomic_signal_fence(memory_order_seq_cst); // a handler must not see half a name
    unfinished = s;
    if (deposit_begin(&s->deposit) == 0)
        return 0;
    unfinished = NULL;
    int status = spool_status(errno);
    fail(s, why, status, "spool: no file can be made in tmp");
    return is_lasting(s->error) ? turn_to_drop(s, status, why) : status;
}

int store_write(struct store *s, struct span text, struct buf *why)
{
    if (s->visiting) {
        struct buf what = BUF_INIT(why->max);
        return blame_both(s, visit_write(&s->visit, text, &what), &what, why);
    }
    if (deposit_write(&s->deposit, text))
        return fail(s, why, EX_TEMPFAIL, "spool: message can not be written");
    return 0;
}

int store_patch(struct store *s, const struct block_patch *patch, struct buf *why)
{
    if (!s->visiting && deposit_patch(&s->deposit, patch))
        return fail(s, why, EX_TEMPFAIL, "spool: message can not be written");
    return 0;
}

static int publish_by_drop(struct store *s, struct buf *why)
{
    struct buf what = BUF_INIT(why->max);
    int status = visit_finish(&s->visit, &what);
    process_block_signals();
    return blame_both(s, status, &what, why);
}

int store_publish(struct store *s, struct buf *why)
{
    if (s->visiting)
        return publish_by_drop(s, why);
    if (deposit_seal(&s->deposit))
        return fail(s, why, EX_TEMPFAIL, "spool: message can not be synced");
    // From here on nothing but the disk decides.
    process_block_signals();
    if (deposit_publish(&s->deposit))
        return fail(s, why, spool_status(errno), "spool: message can not be published");
    unfinished = NULL;
    return 0;
}

const char *store_id(const struct store *s)
{
    return s->visiting ? s->visit.id : s->deposit.id;
}

void store_close(struct store *s)
{
    visit_end(&s->visit);
    buf_free(&s->drop);
    buf_free(&s->spool);
    deposit_abandon(&s->deposit);
    if (unfinished == s)
        unfinished = NULL;
    maildir_close(&s->maildir);
}
