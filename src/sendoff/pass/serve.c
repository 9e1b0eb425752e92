// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/pass/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/io.h"
#include "base/signals.h"
#include "sendoff/pass/carry.h"
#include "sendoff/spools/ousted.h"
#include "spool/lock.h"

// Beside the accounts' files, none of which can have this name.
#define PASS_LOCK ".pass"

struct serving {
    struct spools spools;
    bool all; // root's pass over all users' spools, which has a lock of its own
};

// The account is locked for the whole pass: it has one submitter at a time. Where there is no
// memory of accounts to be had, the pass does without.
static bool take_account(struct pass *p)
{
    struct buf dir = BUF_INIT(4096);
    enum account_answer answer = ACCOUNT_LOST;
    *p->memory = (struct account){.fd = -1};
    if (config_account_dir(p->config, &dir))
        answer = account_open(p->memory, buf_str(&dir), p->account->name);
    buf_free(&dir);
    return answer != ACCOUNT_BUSY;
}

static bool take_pass(struct pass *p)
{
    struct buf path = BUF_INIT(4096);
    if (!config_account_dir(p->config, &path))
        return true;
    int dir = io_open(AT_FDCWD, buf_str(&path), O_RDONLY | O_DIRECTORY | O_NONBLOCK, 0);
    buf_free(&path);
    if (dir < 0)
        return true;
    p->pass_lock = lock_take(dir, PASS_LOCK);
    int error = p->pass_lock < 0 ? errno : 0;
    io_close(dir);
    if (error && error != EWOULDBLOCK)
        diag_log(LOG_WARNING, "the pass can not be locked: %s", strerror(error));
    return error != EWOULDBLOCK;
}

static void unlock(struct pass *p)
{
    if (p->memory->fd >= 0)
        score_keep(p, true);
    account_close(p->memory);
    io_close(p->pass_lock);
    p->pass_lock = -1;
}

static bool try_lock(struct pass *p, const struct serving *s)
{
    bool taken = take_account(p) && (!s->all || take_pass(p));
    if (!taken)
        unlock(p);
    return taken;
}

static bool lock(struct pass *p, const struct serving *s)
{
    static const struct timespec nap = {.tv_nsec = 100 * 1000000L};
    bool taken = try_lock(p, s);
    while (!taken && clock_steady() < p->patient_until) {
        nanosleep(&nap, NULL);
        taken = try_lock(p, s);
    }
    if (taken)
        return true;
    buf_printf(p->why, "account %s: another flush is at work", p->account->name);
    p->status = EX_TEMPFAIL;
    p->result->busy = true;
    return false;
}

// Sessions for what came meanwhile begin once a second, at most, as passes do (HAZARDS 14).
// False where a signal asked for the end.
static bool keep_pace(struct pass *p)
{
    static const int64_t pause = 1000;
    struct pollfd signals = {.fd = p->signals, .events = POLLIN};
    int64_t left = p->carried + pause - clock_steady();
    if (p->options == &p->later && left > 0 && poll(&signals, 1, (int)left) > 0 &&
        signals_came(p->signals))
        p->stopping = true;
    p->carried = clock_steady();
    return !p->stopping;
}

// False where no session is to be had, now or a moment later.
static bool run(struct pass *p)
{
    struct turn turn;
    bool good = true;
    while (good && !p->stopping && turns_next(p, &turn) == TURNS_TAKEN) {
        if (p->options->due && !account_is_due(p->memory, &p->schedule, clock_wall())) {
            seat_put_back(turn.seat, &turn.entry);
            p->result->backing_off = true;
            good = false;
        } else if (!keep_pace(p)) {
            seat_put_back(turn.seat, &turn.entry);
        } else {
            good = carry(p, &turn);
        }
    }
    turns_end(p);
    return good && !p->stopping;
}

// Whether messages have come that nobody has seen: into new spools, too.
static bool look_again(struct pass *p, struct serving *s)
{
    struct spools before = s->spools;
    struct turns seen = p->turns;
    spools_find(&s->spools, p->config);
    turns_init(&p->turns, &seen, &s->spools);
    spools_free(&before);
    return turns_look(&p->turns);
}

static void begin(struct pass *p, struct serving *s)
{
    struct turns none = {0};
    ousted_mend(p->config);
    spools_find(&s->spools, p->config);
    turns_init(&p->turns, &none, &s->spools);
    p->result->strangers = s->spools.strangers;
}

static void end(struct pass *p, struct serving *s)
{
    unlock(p);
    turns_free(&p->turns);
    spools_free(&s->spools);
}

void serve(struct pass *p)
{
    struct serving s = {
        .spools = {.root = -1},
        .all = p->config->mode == CONFIG_SYSTEM && identity_may_change(),
    };
    if (!lock(p, &s))
        return;
    begin(p, &s);
    p->later = (struct flush_options){.due = true, .verbose = p->options->verbose};
    bool on = true;
    while (on) {
        on = run(p);
        unlock(p);
        p->options = &p->later;
        p->patient_until = 0;
        // Who has taken the locks since then will look again in his turn.
        on = on && look_again(p, &s) && try_lock(p, &s);
    }
    end(p, &s);
}
