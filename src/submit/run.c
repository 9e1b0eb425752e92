// SPDX-License-Identifier: ISC
#include "submit/run.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/io.h"
#include "submit/mail/sender.h"
#include "submit/secret/credential.h"
#include "submit/secret/secret.h"
#include "submit/session.h"
#include "submit/trouble.h"
#include "submit/walls/walls.h"

enum {
    RUN_HELLO_MS = 10000,    // for sendoff's first line
    RUN_DRAIN_MS = 10000,    // for the last outcomes to be taken
    PORTS_OF_ANYBODY = 1024, // from here on no privilege is needed to listen
};

enum run_end {
    RUN_DONE,
    RUN_TROUBLE,  // `trouble` is to be told
    RUN_MISTAKE,  // likewise, and somebody has to change the config or the secret
    RUN_STRANGER, // sendoff does not keep to the protocol
    RUN_ENDED     // sendoff is gone, or a signal asked for the end
};

struct run {
    const struct run_order *order;
    struct wait wait;
    struct observer observer;
    struct config config;
    struct dial line;
    struct jobs jobs;
    struct report report;
    struct sender sender;
    struct session_means means;
    struct credential credential;
    struct rehearsal rehearsal;
    bool again; // another submit would get a fresh secret, where this one failed
    struct outcome trouble;
};

static enum run_end greet(struct run *r)
{
    struct pollfd none = {.fd = -1};
    int64_t deadline = clock_steady() + RUN_HELLO_MS;
    while (!r->jobs.greeted) {
        switch (wait_for(&r->wait, &none, POLLIN, deadline)) {
        case WAIT_READY: break;
        case WAIT_LATE: return RUN_STRANGER;
        case WAIT_STOP:
        case WAIT_GONE: return RUN_ENDED;
        }
        switch (jobs_read(&r->jobs)) {
        case JOBS_FINE: break;
        case JOBS_CLOSED: return RUN_ENDED;
        case JOBS_BAD: return RUN_STRANGER;
        }
    }
    return RUN_DONE;
}

static enum run_end read_config(struct run *r)
{
    observer_step(&r->observer, "config");
    if (config_load_path(&r->config, r->order->config)) {
        trouble_set(&r->trouble, TROUBLE_CONFIG, "config: %s", buf_str(&r->config.problem));
        return RUN_MISTAKE;
    }
    r->means.account = config_account(&r->config, r->order->account);
    if (!r->means.account) {
        trouble_set(&r->trouble, TROUBLE_CONFIG, "config: %s: no account %s", r->order->config,
                    r->order->account);
        return RUN_MISTAKE;
    }
    sender_init(&r->sender, &r->config, r->means.account);
    return RUN_DONE;
}

static enum run_end mistake(struct run *r, const char *key)
{
    trouble_set(&r->trouble, TROUBLE_CONFIG, "config: %s: %s: %s: must be set where auth = %s",
                r->order->config, r->means.account->name, key, r->means.account->auth);
    return RUN_MISTAKE;
}

// Hands the secret to where it is needed.
static enum run_end begin_auth(struct run *r, struct span secret, struct buf *why)
{
    const struct config_account *a = r->means.account;
    const struct auth_login login = {
        .user = a->user, .secret = secret, .token = r->credential.token, .allow = a->auth};
    r->means.auth = auth_new(&login, true, why);
    if (r->means.auth)
        return RUN_DONE;
    trouble_set(&r->trouble, TROUBLE_SYSTEM, "%s", buf_str(why));
    return RUN_MISTAKE;
}

static void show_secret(const struct run *r, const struct secret *secret)
{
    const struct credential *c = &r->credential;
    if (secret->exposed && r->order->check)
        observer_warned(&r->observer, "%s: %s: others can read it, %s", c->key, c->value,
                        secret->exposed);
    else
        observer_passed(&r->observer, "%s: %s", c->key, c->value);
}

// Gets the secret and hands it on; here nothing is left of it.
static enum run_end take_secret(struct run *r)
{
    const struct config_account *a = r->means.account;
    struct buf why = BUF_INIT(8192);
    enum run_end end = RUN_MISTAKE;
    observer_step(&r->observer, "secret");
    if (!session_needs_auth(a)) {
        observer_passed(&r->observer, "none is needed: nobody logs in");
        return RUN_DONE;
    }
    if (!auth_takes_secret(a->auth)) {
        observer_passed(&r->observer, "none is needed by auth = %s", a->auth);
        end = begin_auth(r, (struct span){0}, &why);
        buf_free(&why);
        return end;
    }
    r->credential = credential_of(a);
    if (!a->user[0])
        return mistake(r, "user");
    if (!r->credential.key)
        return mistake(r, "password_file");
    struct secret *secret = secret_new();
    if (!secret) {
        trouble_set(&r->trouble, TROUBLE_SYSTEM, "secret: %s", strerror(errno));
        return RUN_TROUBLE;
    }
    switch (credential_take(&r->credential, secret, &r->wait, &why)) {
    case PROGRAM_DONE:
        show_secret(r, secret);
        end = begin_auth(r, secret_span(secret), &why);
        break;
    case PROGRAM_FAILED:
        r->again = r->credential.command;
        trouble_set(&r->trouble, TROUBLE_CONFIG, "%s", buf_str(&why));
        break;
    case PROGRAM_LATE: trouble_set(&r->trouble, TROUBLE_CONFIG, "%s", buf_str(&why)); break;
    case PROGRAM_STOPPED: end = RUN_ENDED; break;
    }
    secret_free(secret);
    buf_free(&why);
    return end;
}

static enum run_end prepare_tls(struct run *r)
{
    observer_step(&r->observer, "TLS");
    if (r->means.account->tls == TLS_NONE)
        return RUN_DONE;
    r->means.tls = tls_new(r->means.account, &r->trouble);
    return r->means.tls ? RUN_DONE : RUN_MISTAKE;
}

// The last thing before the network is heard.
static enum run_end close_walls(struct run *r)
{
    struct walls w = {.state = BUF_INIT(4096)};
    const struct config_account *a = r->means.account;
    observer_step(&r->observer, "walls");
    bool closed = walls_close(&r->config, a, &w, &r->trouble);
    // What the config says is worth a line in the log; what the host lacks, only one of a
    // check.
    if (closed && (r->config.walls == WALLS_OFF || (w.gap && r->order->check)))
        observer_warned(&r->observer, "%s", buf_str(&w.state));
    else if (closed)
        observer_passed(&r->observer, "%s", buf_str(&w.state));
    buf_free(&w.state);
    return closed ? RUN_DONE : RUN_MISTAKE;
}

// A port of loopback that is not root's alone is whoever's binds it first: when the server is
// down, any user of this host may take its place, and nothing shows that he has.
static void look_at_loopback(struct run *r)
{
    if (r->means.tls || !r->order->check || !r->line.loopback ||
        r->line.target.port < PORTS_OF_ANYBODY)
        return;
    observer_step(&r->observer, "TLS");
    observer_warned(&r->observer,
                    "none, and port %u is not root's alone: any user of this host can listen "
                    "there while the server does not, and gets the mail%s",
                    (unsigned)r->line.target.port, r->means.auth ? " and the password" : "");
}

// Whether the line will do for what is to go over it.
static enum run_end judge_line(struct run *r)
{
    if (!r->order->check)
        outcome_put_relay(&r->report.out, span_of(r->line.relay));
    if (!r->means.tls && r->means.auth && !r->line.loopback) {
        observer_step(&r->observer, "AUTH");
        trouble_set(&r->trouble, TROUBLE_WEAK,
                    "AUTH: tls = none shows the password to all on the way to %s",
                    r->line.relay);
        return RUN_MISTAKE;
    }
    look_at_loopback(r);
    return RUN_DONE;
}

static enum run_end hold_session(struct run *r, bool *movable)
{
    bool refused = false;
    r->means.refused = &refused;
    r->means.movable = movable;
    enum session_answer answer = session_run(&r->means, &r->trouble);
    if (!*movable)
        r->means.auth = NULL; // the session has ended it
    r->again = refused && r->credential.command;
    switch (answer) {
    case SESSION_DONE:
        // A sender or recipient who is refused for good is for the config to mend.
        if (r->rehearsal.refused) {
            r->trouble = r->rehearsal.refusal;
            return r->trouble.code / 100 == 5 ? RUN_MISTAKE : RUN_TROUBLE;
        }
        break;
    case SESSION_TROUBLE: return RUN_TROUBLE;
    case SESSION_ENDED: return r->jobs.failed ? RUN_STRANGER : RUN_ENDED;
    }
    return RUN_DONE;
}

// Goes through the hosts up to the one that a session can be held with. What comes after AUTH
// has begun is for that host to judge: a refused login, tried everywhere, locks accounts.
static enum run_end call_hosts(struct run *r)
{
    dial_init(&r->line, r->means.account, r->order->check ? "" : r->jobs.relay);
    for (;;) {
        bool movable = false;
        int64_t since = clock_steady();
        switch (dial_next(&r->line, &r->wait, &r->observer, &r->trouble)) {
        case DIAL_DONE: break;
        case DIAL_FAILED: return RUN_TROUBLE;
        case DIAL_ENDED: return RUN_ENDED;
        }
        observer_passed(&r->observer, "it took %d ms, with the look-up of its name",
                        (int)(clock_steady() - since));
        enum run_end end = judge_line(r);
        if (end == RUN_DONE)
            end = hold_session(r, &movable);
        if (end == RUN_TROUBLE && movable && !wait_stopping(&r->wait)) {
            dial_drop(&r->line, &r->trouble);
            continue;
        }
        if (end == RUN_TROUBLE)
            dial_tell(&r->line, &r->trouble);
        return end;
    }
}

// The phases in turn, up to the first that fails.
static enum run_end run_phases(struct run *r)
{
    static enum run_end (*const phases[])(struct run *) = {
        read_config, take_secret, prepare_tls, close_walls, call_hosts};
    enum run_end end = r->order->check ? RUN_DONE : greet(r);
    for (size_t i = 0; end == RUN_DONE && i < sizeof phases / sizeof *phases; i++)
        end = phases[i](r);
    return end;
}

// sendoff may be sending still, and a socket that is closed with something unread in it takes
// from the other side what that has not read. So we say that there is no more, and wait for
// sendoff to have done.
static void linger(struct run *r)
{
    struct pollfd none = {.fd = -1};
    char scrap[4096];
    int64_t deadline = clock_steady() + RUN_DRAIN_MS;
    if (shutdown(STDOUT_FILENO, SHUT_WR))
        return;
    for (;;) {
        enum wait_answer answer = wait_for(&r->wait, &none, POLLIN, deadline);
        if (answer != WAIT_READY && answer != WAIT_STOP)
            return;
        if (answer == WAIT_READY && recv(STDIN_FILENO, scrap, sizeof scrap, MSG_DONTWAIT) == 0)
            return;
    }
}

static void tell(struct run *r, enum run_end end)
{
    if (end == RUN_TROUBLE || end == RUN_MISTAKE) {
        observer_failed(&r->observer, r->trouble.text);
        if (!r->order->check && r->again)
            outcome_put_credential(&r->report.out);
        if (!r->order->check)
            outcome_put_session(&r->report.out, &r->trouble);
    }
    if (!r->order->check && end != RUN_ENDED &&
        report_drain(&r->report, &r->wait, clock_steady() + RUN_DRAIN_MS) && !r->jobs.ended)
        linger(r);
}

static int exit_status(enum run_end end)
{
    static const int statuses[] = {[RUN_DONE] = EX_OK,
                                   [RUN_TROUBLE] = EX_TEMPFAIL,
                                   [RUN_MISTAKE] = EX_CONFIG,
                                   [RUN_STRANGER] = EX_PROTOCOL,
                                   [RUN_ENDED] = EX_IOERR};
    return statuses[end];
}

int run(const struct run_order *order)
{
    static struct run r;
    r = (struct run){.order = order,
                     .observer = {.check = order->check, .verbose = order->verbose, .step = ""},
                     .line = {.fd = -1}};
    rehearsal_init(&r.rehearsal, order->from, order->to);
    r.means = (struct session_means){.line = &r.line,
                                     .wait = &r.wait,
                                     .observer = &r.observer,
                                     .jobs = order->check ? NULL : &r.jobs,
                                     .rehearsal = order->check ? &r.rehearsal : NULL,
                                     .sender = &r.sender,
                                     .progress = order->progress,
                                     .report = &r.report};
    if (walls_begin() || wait_init(&r.wait, order->check ? -1 : STDIN_FILENO)) {
        diag_warn("can not begin: %s", strerror(errno));
        return EX_OSERR;
    }
    jobs_init(&r.jobs, STDIN_FILENO);
    report_init(&r.report, STDOUT_FILENO);
    r.observer.notices = order->check ? NULL : &r.report.out;
    enum run_end end = run_phases(&r);
    tell(&r, end);
    auth_free(r.means.auth);
    tls_free(r.means.tls);
    dial_close(&r.line);
    jobs_free(&r.jobs);
    report_free(&r.report);
    sender_free(&r.sender);
    rehearsal_free(&r.rehearsal);
    config_free(&r.config);
    return exit_status(end);
}
