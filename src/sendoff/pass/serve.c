// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/pass/serve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <time.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/io.h"
#include "sendoff/pass/carry.h"
#include "sendoff/pass/choose.h"
#include "sendoff/pass/login.h"
#include "spool/lock.h"

// Counts what waits in the rest of the list, which no session was to be had for.
static uint64_t count_rest(struct pass *p)
{
    struct entry e;
    uint64_t rest = 0;
    while (choose_next(p, &e)) {
        entry_close(&e);
        rest++;
    }
    return rest;
}

static int lock_patiently(int dir, int patience)
{
    static const struct timespec nap = {.tv_nsec = 100 * 1000000L};
    int64_t deadline = clock_steady() + patience;
    int fd = lock_take(dir, LOCK_NAME);
    while (fd < 0 && errno == EWOULDBLOCK && clock_steady() < deadline) {
        nanosleep(&nap, NULL);
        fd = lock_take(dir, LOCK_NAME);
    }
    return fd;
}

static void run(struct pass *p)
{
    struct entry first;
    while (!p->stopping && choose_next(p, &first)) {
        if (p->options->due &&
            !account_is_due(p->memory, &p->settlement.schedule, clock_wall())) {
            entry_close(&first);
            p->result->left++;
            p->result->backing_off = true;
            break;
        }
        if (!carry(p, &first))
            break;
    }
    uint64_t rest = count_rest(p);
    settle_end(&p->settlement);
    p->result->left += rest + p->settlement.deferred;
}

static int complain_lock(const struct pass *p, const char *path, struct buf *why)
{
    if (errno == EWOULDBLOCK) {
        struct buf holder = BUF_INIT(128);
        lock_holder(p->maildir.root, LOCK_NAME, &holder);
        buf_printf(why, "%s: another flush is at work (%s)", path, buf_str(&holder));
        buf_free(&holder);
    } else {
        buf_printf(why, "%s: the lock can not be taken: %s", path, strerror(errno));
    }
    return EX_TEMPFAIL;
}

static int open_maildir(struct pass *p, const char *path, bool *absent, struct buf *why)
{
    enum maildir_answer answer = maildir_open(&p->maildir, path, false);
    *absent = answer == MAILDIR_TROUBLE && errno == ENOENT;
    if (answer == MAILDIR_OPEN || *absent)
        return 0;
    if (answer == MAILDIR_FOREIGN)
        buf_printf(why, "%s: not a directory of the user's own with mode 0700", path);
    else
        buf_printf(why, "%s: %s", path, strerror(errno));
    return EX_TEMPFAIL;
}

static void add_counts(struct settle_counts *sum, const struct settle_counts *one)
{
    sum->sent += one->sent;
    sum->deferred += one->deferred;
    sum->failed += one->failed;
    sum->doubtful += one->doubtful;
    sum->trouble += one->trouble;
}

static void find_login(struct pass *p)
{
    struct stat st;
    buf_clear(&p->login);
    if (login_is_wanted(p->config, p->account) && !io_stat(p->maildir.root, &st))
        login_find(st.st_uid, &p->login);
}

static int locked_pass(struct pass *p, const char *path, int patience, struct buf *why)
{
    static const enum maildir_place places[] = {MAILDIR_NEW, MAILDIR_CUR};
    int lock = lock_patiently(p->maildir.root, patience);
    if (lock < 0)
        return complain_lock(p, path, why);
    maildir_sweep(&p->maildir, clock_wall() / CLOCK_SECOND_US);
    int status = 0;
    if (worklist_fill(&p->list, &p->maildir, places, 2)) {
        buf_printf(why, "%s: can not be listed: %s", path, strerror(errno));
        status = EX_TEMPFAIL;
    } else {
        find_login(p);
        settle_begin(&p->settlement, lock);
        run(p);
        add_counts(&p->result->counts, &p->settlement.counts);
    }
    worklist_free(&p->list);
    io_close(lock);
    return status;
}

int serve(struct pass *p, const char *path, int patience, struct buf *why)
{
    bool absent;
    p->list = (struct worklist){0};
    p->settlement.counts = (struct settle_counts){0};
    p->settlement.deferred = 0;
    int status = open_maildir(p, path, &absent, why);
    if (!status && !absent)
        status = locked_pass(p, path, patience, why);
    maildir_close(&p->maildir);
    return status;
}
