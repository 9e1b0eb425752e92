// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/bell/run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/fifo.h"
#include "base/io.h"
#include "base/process.h"
#include "base/signals.h"
#include "config/options.h"
#include "config/value.h"
#include "sendoff/bell/bell.h"
#include "sendoff/bell/dropkeeper.h"
#include "sendoff/bell/round.h"

enum {
    WAIT_PIECE = 20 * 1000,         // of one wait: poll does not count suspended time
    GRACE = SIGNALS_GRACE + 5000,   // that a pass gets to end in order
    LOCKED_LONGEST = 60 * 1000,     // between two tries while another flush is at work
    KEPT_OUT_LONGEST = 3600 * 1000, // for all these tries, where nobody told us to stay
    LISTEN_PAUSE = 2000,            // between two tries to have the bell
    DRAIN_LONGEST = 10 * 1000,      // between two passes of a drain
};

enum mode { STAY, BELL, ONCE, DRAIN };

struct run {
    const struct config *config;
    struct config own; // where the config was read again
    bool reread;
    struct flush_options options;
    enum mode mode;
    struct bell bell;
    int signals;
    struct round round;
    struct round_report last;
    struct dropkeeper drop;
    bool owed;     // a pass
    bool given;    // the bell is a service manager's
    bool stopping; // a signal asked for the end
    bool over;
    bool told;         // that the bell can not be had
    int64_t begun;     // when the last pass began; these are points of clock_steady
    int64_t heard;     // when the bell rang last
    int64_t wake;      // when the next pass is to begin without a ring
    int64_t deadline;  // of a drain; of what still runs, where stopping
    int64_t listen_at; // when to try to have the bell; INT64_MAX for never
    int64_t started;
    int64_t pause; // after a pass that achieved nothing
};

// ---- Signals

// The one place where the config is read anew. One that says something wrong changes nothing.
static void reload(struct run *r)
{
    struct config new;
    if (config_load(&new)) {
        diag_log(LOG_ERR, "config: %s; the old one stays in force", buf_str(&new.problem));
        config_free(&new);
        return;
    }
    if (r->reread)
        config_free(&r->own);
    r->own = new;
    r->reread = true;
    r->config = &r->own;
    r->owed = true;
    diag_log(LOG_INFO, "config: %s is read again", r->config->path);
}

static void signal_children(const struct run *r, int sig)
{
    if (r->round.pid)
        kill(r->round.pid, sig);
    dropkeeper_signal(&r->drop, sig);
}

static void stop(struct run *r)
{
    r->stopping = true;
    r->owed = false;
    r->deadline = clock_steady() + GRACE;
    signal_children(r, SIGTERM);
}

// ---- Passes

// A pause that doubles each time.
static int64_t longer(struct run *r, int64_t longest)
{
    r->pause = r->pause ? r->pause * 2 : RUN_PAUSE;
    if (r->pause > longest)
        r->pause = longest;
    return r->pause;
}

// Whether another flush is at work. It looks once more before it ends, but it may be killed.
static bool is_kept_out(const struct run *r)
{
    return r->last.busy && clock_steady() < r->started + KEPT_OUT_LONGEST;
}

// How long a pass that worked is enough for, without a ring.
static int64_t rest(const struct run *r)
{
    const struct round_report *last = &r->last;
    // Where the line is gone, nobody tells us when it is back.
    int64_t longest = r->bell.fd < 0 || last->trouble ? RUN_UNHEARD : RUN_IDLE;
    int64_t now = clock_wall();
    if (last->next == INT64_MAX || last->next > now + longest * 1000)
        return longest;
    return last->next > now + RUN_PAUSE * 1000 ? (last->next - now) / 1000 : RUN_PAUSE;
}

// What follows the pass that ended now.
static void plan(struct run *r)
{
    const struct round_report *last = &r->last;
    int64_t now = clock_steady();
    if (!last->status && r->mode != DRAIN)
        r->pause = 0;
    switch (r->mode) {
    case STAY: r->wake = now + (last->status ? longer(r, LOCKED_LONGEST) : rest(r)); break;
    case BELL: r->wake = is_kept_out(r) ? now + longer(r, LOCKED_LONGEST) : INT64_MAX; break;
    case ONCE: r->over = true; break;
    case DRAIN:
        r->over = (!last->left && !last->status) || last->refused;
        r->wake = now + longer(r, DRAIN_LONGEST);
    }
}

static void begin_pass(struct run *r)
{
    const int ours[] = {r->bell.fd, r->bell.lock, r->signals, r->drop.leash};
    r->owed = false;
    r->begun = clock_steady();
    r->wake = INT64_MAX;
    fifo_empty(r->bell.fd);
    if (round_begin(&r->round, r->config, &r->options, r->mode == STAY, ours,
                    sizeof ours / sizeof *ours) == 0)
        return;
    diag_log(LOG_ERR, "a pass can not be begun: %s", strerror(errno));
    r->last = (struct round_report){.status = EX_OSERR, .left = 1, .next = INT64_MAX};
    plan(r);
}

// Lets go of all that ended: as process 1, orphans are ours too.
static void reap(struct run *r)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (pid == r->drop.pid) {
            dropkeeper_ended(&r->drop);
        } else if (pid == r->round.pid) {
            r->last = round_end(&r->round, status);
            plan(r);
        }
    }
}

// ---- The loop

static void take_events(struct run *r)
{
    for (int sig; (sig = signals_next(r->signals));) {
        if (sig == SIGHUP)
            reload(r);
        else if (sig != SIGCHLD)
            stop(r);
    }
    reap(r);
    if (r->bell.fd >= 0 && !r->owed && fifo_empty(r->bell.fd)) {
        r->heard = clock_steady();
        r->owed = !r->stopping;
    }
}

// Until when the bell is heard if nobody rings. A service manager starts us again at the next
// ring; without one, the next ringer has to, so a second is enough.
static int64_t end_of_silence(const struct run *r)
{
    return r->given ? r->heard + RUN_LINGER : r->begun + RUN_PAUSE;
}

// When something is to be done without an event; INT64_MAX: never.
static int64_t next_time(const struct run *r)
{
    int64_t when = INT64_MAX;
    if (r->stopping || r->mode == DRAIN)
        when = r->deadline;
    if (r->stopping)
        return when;
    if (r->drop.at < when)
        when = r->drop.at;
    if (r->listen_at < when)
        when = r->listen_at;
    if (r->round.pid)
        return when;
    int64_t own = r->owed ? r->begun + RUN_PAUSE : r->wake;
    if (r->mode == BELL && own == INT64_MAX)
        own = end_of_silence(r);
    return own < when ? own : when;
}

// Waits for signals, the bell, or the time.
static void wait_for_events(struct run *r)
{
    // While a pass is owed, nobody can make us busy by ringing.
    struct pollfd fds[] = {{.fd = r->signals, .events = POLLIN},
                           {.fd = r->owed ? -1 : r->bell.fd, .events = POLLIN}};
    int64_t left = next_time(r) - clock_steady();
    if (left > 0)
        poll(fds, 2, left < WAIT_PIECE ? (int)left : WAIT_PIECE);
}

// Whether nothing is left to be heard: nobody rang for long enough.
static bool is_quiet(const struct run *r, int64_t now)
{
    return r->mode == BELL && !r->owed && r->wake == INT64_MAX && now >= end_of_silence(r);
}

// Whoever was started by a ring listens for a second yet; a directory may come. What changes is
// told, once.
static void listen_to_own(struct run *r, int64_t now)
{
    struct buf path = BUF_INIT(4096);
    enum bell_answer answer = bell_listen(&r->bell, r->config);
    if (!config_bell(r->config, &path))
        buf_clear(&path);
    r->listen_at = answer == BELL_OURS ? INT64_MAX : now + LISTEN_PAUSE;
    r->owed |= answer == BELL_OURS;
    if (answer == BELL_NONE && !r->told)
        diag_log(LOG_WARNING, "%s: can not be listened to: %s", buf_str(&path),
                 strerror(errno));
    else if (answer == BELL_ANOTHERS && !r->told)
        diag_log(LOG_WARNING, "%s: another process listens", buf_str(&path));
    r->told = answer != BELL_OURS;
    buf_free(&path);
}

static void act(struct run *r)
{
    int64_t now = clock_steady();
    if (!r->stopping && now >= r->listen_at)
        listen_to_own(r, now);
    if (!r->stopping && now >= r->drop.at)
        dropkeeper_start(&r->drop);
    if (r->stopping && now >= r->deadline)
        signal_children(r, SIGKILL);
    if (r->round.pid || (r->stopping && r->drop.pid)) {
        if (r->mode == DRAIN && !r->stopping && now >= r->deadline)
            stop(r);
        return;
    }
    r->over |= r->stopping || is_quiet(r, now) || (r->mode == DRAIN && now >= r->deadline);
    if (!r->over && now >= (r->owed ? r->begun + RUN_PAUSE : r->wake))
        begin_pass(r);
}

static void loop(struct run *r)
{
    while (!r->over) {
        wait_for_events(r);
        take_events(r);
        act(r);
    }
}

// ---- The forms of the command

static int stay(struct run *r)
{
    r->listen_at = r->started;
    // Only root can become the drop's account.
    if (r->config->mode == CONFIG_SYSTEM && geteuid() == 0)
        r->drop.at = r->started;
    loop(r);
    return EX_OK;
}

// Started by a service manager, which keeps the FIFO and starts us again.
static int serve_given(struct run *r, struct buf *why)
{
    r->given = true;
    if (!bell_take(&r->bell, PROCESS_GIVEN)) {
        buf_puts(why, "what the service manager handed over is no FIFO");
        return EX_USAGE;
    }
    loop(r);
    return EX_OK;
}

// Started by sendmail, where nobody listened. Who leaves looks once more, after he can not be
// rung any more; while another flush is at work then, he goes on listening.
static int serve_own(struct run *r)
{
    do {
        bell_close(&r->bell);
        r->over = false;
        r->owed = true;
        if (bell_listen(&r->bell, r->config) == BELL_ANOTHERS) {
            // Where he does not hear it, he is about to begin or to end, and looks after
            // either.
            (void)bell_ring(r->config);
            return EX_OK;
        }
        loop(r);
        bell_close(&r->bell);
        r->mode = ONCE;
        r->over = r->stopping;
        r->owed = true;
        r->begun = INT64_MIN / 2;
        loop(r);
        r->mode = BELL;
    } while (!r->stopping && is_kept_out(r));
    return EX_OK;
}

static int status_of(const struct round_report *last)
{
    return last->status ? last->status : last->left ? EX_TEMPFAIL : EX_OK;
}

static int run_mode(struct run *r, const struct call *call)
{
    switch (r->mode) {
    case STAY: return stay(r);
    case BELL: return call->given ? serve_given(r, call->why) : serve_own(r);
    case ONCE:
    case DRAIN: break;
    }
    loop(r);
    return status_of(&r->last);
}

static int read_time(struct call *call, uint64_t *seconds)
{
    const struct option row = {
        .type = OPTION_DURATION, .key = "--drain", .max = INT32_MAX / 1000};
    const char *value = call_value(call);
    if (!value)
        return call_usage(call, "--drain needs a time, such as 30s");
    return value_read(&row, span_of(value), seconds, call->why) ? 0 : EX_USAGE;
}

static int read_options(struct call *call, struct run *r)
{
    uint64_t seconds = 0;
    int status = 0;
    if (call_takes(call, "--once")) {
        r->mode = ONCE;
    } else if (call_takes(call, "--bell")) {
        r->mode = BELL;
    } else if (call_takes(call, "--drain")) {
        r->mode = DRAIN;
        r->options.due = false;
        r->options.patience = FLUSH_PATIENCE;
        status = read_time(call, &seconds);
        r->deadline = clock_steady() + (int64_t)seconds * 1000;
    }
    if (!status && call->argc)
        status = call_usage(call, "run takes --once, --drain TIME or --bell");
    return status;
}

int run_command(struct call *call)
{
    struct run r = {
        .config = call->config,
        .options = {.due = true, .verbose = call->verbose},
        .mode = STAY,
        .bell = BELL_CLOSED,
        .round = ROUND_NONE,
        .drop = DROPKEEPER_NONE,
        .owed = true,
        .begun = INT64_MIN / 2,
        .heard = clock_steady(),
        .wake = INT64_MAX,
        .listen_at = INT64_MAX,
        .started = clock_steady(),
    };
    int status = read_options(call, &r);
    if (status)
        return status;
    if (!call->usable) {
        // A service manager would start us again and again for a ring that nobody heard.
        if (call->given && bell_take(&r.bell, PROCESS_GIVEN))
            fifo_empty(r.bell.fd);
        status = call_unusable(call);
        // On a host that was not set up yet, its unit is not to fail every two minutes.
        if (!call->given || r.mode != BELL || !call_is_new(call))
            return status;
        diag_warn("%s: mail waits", buf_str(call->why));
        return EX_OK;
    }
    r.signals = signals_open_with_children();
    if (r.signals < 0) {
        buf_printf(call->why, "signals can not be taken: %s", strerror(errno));
        return EX_OSERR;
    }
    status = run_mode(&r, call);
    bell_close(&r.bell);
    io_close(r.signals);
    if (r.reread)
        config_free(&r.own);
    return status;
}
