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
#include "submit/secret/secret.h"
#include "submit/session.h"
#include "submit/trouble.h"
#include "submit/walls/walls.h"

enum {
    RUN_HELLO_MS = 10000, // for sendoff's first line
    RUN_DRAIN_MS = 10000  // for the last outcomes to be taken
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

// Reads the secret and hands it to where it is needed; here nothing is left of it.
static enum run_end take_secret(struct run *r)
{
    static struct secret secret;
    const struct config_account *a = r->means.account;
    struct buf why = BUF_INIT(8192);
    enum run_end end = RUN_MISTAKE;
    observer_step(&r->observer, "secret");
    if (!session_needs_auth(a)) {
        observer_passed(&r->observer, "none is needed: nobody logs in");
        return RUN_DONE;
    }
    if (!a->user[0])
        return mistake(r, "user");
    if (!a->password_file[0])
        return mistake(r, "password_file");
    if (!secret_read(&secret, a->password_file, &why)) {
        trouble_set(&r->trouble, TROUBLE_CONFIG, "%s", buf_str(&why));
        goto out;
    }
    observer_passed(&r->observer, "%s%s", a->password_file,
                    secret.exposed ? " (others can read it, which is forgiven there)" : "");
    const struct auth_login login = {
        .user = a->user, .secret = secret_span(&secret), .allow = a->auth};
    r->means.auth = auth_new(&login, true, &why);
    if (r->means.auth)
        end = RUN_DONE;
    else
        trouble_set(&r->trouble, TROUBLE_SYSTEM, "%s", buf_str(&why));
out:
    secret_wipe(&secret);
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

static enum run_end connect_line(struct run *r)
{
    switch (dial(&r->line, r->means.account, &r->wait, &r->observer, &r->trouble)) {
    case DIAL_DONE: break;
    case DIAL_FAILED: return RUN_TROUBLE;
    case DIAL_ENDED: return RUN_ENDED;
    }
    if (!r->order->check)
        outcome_put_relay(&r->report.out, span_of(r->line.relay));
    if (!r->means.tls && r->means.auth && !r->line.loopback) {
        observer_step(&r->observer, "AUTH");
        trouble_set(&r->trouble, TROUBLE_WEAK,
                    "AUTH: tls = none shows the password to all on the way to %s",
                    r->line.relay);
        return RUN_MISTAKE;
    }
    return RUN_DONE;
}

static enum run_end hold_session(struct run *r)
{
    enum session_answer answer = session_run(&r->means, &r->trouble);
    r->means.auth = NULL; // the session has ended it
    switch (answer) {
    case SESSION_DONE: break;
    case SESSION_TROUBLE: return RUN_TROUBLE;
    case SESSION_ENDED: return r->jobs.failed ? RUN_STRANGER : RUN_ENDED;
    }
    return RUN_DONE;
}

// The phases in turn, up to the first that fails.
static enum run_end run_phases(struct run *r)
{
    static enum run_end (*const phases[])(struct run *) = {
        read_config, take_secret, prepare_tls, connect_line, hold_session};
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
        if (!r->order->check)
            outcome_put_session(&r->report.out, &r->trouble);
    }
    if (!r->order->check && end != RUN_ENDED &&
        report_drain(&r->report, &r->wait, clock_steady() + RUN_DRAIN_MS) && !r->jobs.ended)
        linger(r);
}

static int status(enum run_end end)
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
    r.means = (struct session_means){.line = &r.line,
                                     .wait = &r.wait,
                                     .observer = &r.observer,
                                     .jobs = order->check ? NULL : &r.jobs,
                                     .sender = &r.sender,
                                     .report = &r.report};
    if (walls_begin() || wait_init(&r.wait, order->check ? -1 : STDIN_FILENO)) {
        diag_warn("can not begin: %s", strerror(errno));
        return EX_OSERR;
    }
    jobs_init(&r.jobs, STDIN_FILENO);
    report_init(&r.report, STDOUT_FILENO);
    enum run_end end = run_phases(&r);
    tell(&r, end);
    auth_free(r.means.auth);
    tls_free(r.means.tls);
    io_close(r.line.fd);
    jobs_free(&r.jobs);
    report_free(&r.report);
    sender_free(&r.sender);
    config_free(&r.config);
    return status(end);
}
