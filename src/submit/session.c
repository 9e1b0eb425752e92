// SPDX-License-Identifier: ISC
#include "submit/session.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "smtp/smtp.h"
#include "submit/handshake.h"
#include "submit/mail/deliver.h"
#include "submit/mail/pace.h"

enum {
    SESSION_PIECE = 16384,    // octets of one read
    SESSION_BATCH = 16384,    // octets of output that wait for no more: a full record of TLS
    SESSION_REPORT = 4096,    // octets for sendoff, likewise
    SESSION_LOOK_MS = 250,    // between two looks around while there is always something to do
    SESSION_TELL_MS = 60000,  // for sendoff to take what it has to know in time
    SESSION_PROGRESS_MS = 250 // between two lines that tell how far it is
};

// Our name where the config gives none. It tells nothing about this host (HAZARDS 30), and
// servers that look at it take it from an authenticated client.
static const char default_helo[] = "[127.0.0.1]";

struct session {
    struct session_means means;
    struct smtp smtp;
    struct handshake handshake;
    struct deliver deliver;
    struct pace pace;
    struct transport plain;
    enum smtp_step awaited; // what the engine waited for when it was last fed
    bool ready;             // the prelude is over
    bool quit;              // smtp_quit was called
    bool mute;              // we ended the session ourselves: that is nobody's trouble
    bool gone;              // sendoff is
    bool silent;            // and knows that the server makes no reports of success
    uint64_t progress;      // the engine's count when it was last seen to change
    int64_t since;          // when that was
    int64_t progress_due;   // when sendoff is told next how far it is
    int64_t looked;         // when signals, sendoff and the deadline were last seen to
    size_t in_at, in_n;     // what was read and is not fed yet
    char in[SESSION_PIECE];
};

static void quit(struct session *s)
{
    if (!s->quit)
        smtp_quit(&s->smtp);
    s->quit = true;
}

// ---- Mail

// Takes in what sendoff has for us now.
static void take_jobs(struct session *s)
{
    if (jobs_hungry(s->means.jobs) && jobs_read(s->means.jobs) != JOBS_FINE)
        s->gone = true;
}

// It does not offer them, or has turned out to refuse them: what it accepts from now on, and
// what was accepted without asking for one just now.
static void tell_silent(struct session *s)
{
    if (!s->silent && !smtp_offers(&s->smtp, EHLO_DSN, 0)) {
        s->silent = true;
        outcome_put_silent(&s->means.report->out);
    }
}

static bool step_mail(struct session *s)
{
    if (!s->ready) {
        s->ready = true;
        if (!session_needs_auth(s->means.account))
            handshake_show(&s->handshake);
        if (s->means.jobs) {
            tell_silent(s);
            outcome_put_ready(&s->means.report->out);
        }
    }
    if (s->means.jobs) {
        enum deliver_answer answer = DELIVER_OVER;
        // The next job may be waiting: then it goes out together with the last one.
        if (!jobs_next(s->means.jobs))
            take_jobs(s);
        if (!wait_stopping(s->means.wait))
            answer = deliver_begin(&s->deliver);
        if (answer == DELIVER_OVER)
            quit(s);
        return answer != DELIVER_LATER;
    }
    if (s->means.rehearsal && rehearsal_begin(s->means.rehearsal, &s->smtp))
        return true;
    if (smtp_may_return(&s->smtp))
        return false;
    quit(s);
    return true;
}

// The session is over. Where the server's words ended it, they alone do not say at what.
static void on_session(struct session *s, const struct outcome *o)
{
    struct outcome trouble = *o;
    struct buf text = BUF_INIT(2 * OUTCOME_TEXT_MAX);
    if (o->code) {
        buf_printf(&text, "%s: %u %u.%u.%u %s",
                   s->ready ? "session" : smtp_step_name(s->awaited), o->code, o->status[0],
                   o->status[1], o->status[2], o->text);
        outcome_text(&trouble, buf_span(&text));
    }
    handshake_trouble(&s->handshake, &trouble);
    buf_free(&text);
}

// What became of a transaction, or of one of its recipients.
static void on_mail(struct session *s, const struct smtp_event *event)
{
    if (s->means.jobs) {
        tell_silent(s);
        deliver_event(&s->deliver, event);
    } else if (s->means.rehearsal) {
        rehearsal_event(s->means.rehearsal, event, s->means.observer);
    }
}

static void step_event(struct session *s)
{
    struct smtp_event event;
    if (!smtp_next(&s->smtp, &event))
        return;
    switch (event.kind) {
    case SMTP_ON_AUTH:
        if (s->handshake.auth)
            handshake_on_auth(&s->handshake, &event.outcome);
        break;
    case SMTP_ON_MESSAGE:
        pace_take(&s->pace, &event.outcome);
        smtp_set_depth(&s->smtp, s->pace.now);
        on_mail(s, &event);
        break;
    case SMTP_ON_RECIPIENT: on_mail(s, &event); break;
    case SMTP_ON_SESSION: on_session(s, &event.outcome); break;
    }
}

// ---- The loop

static struct transport *transport_of(struct session *s)
{
    return s->handshake.encrypted ? tls_transport(s->means.tls) : &s->plain;
}

static bool step_input(struct session *s)
{
    if (s->in_n == 0) {
        struct transport *t = transport_of(s);
        ssize_t got = t->read(t, s->in, sizeof s->in);
        if (got < 0 && errno == EAGAIN)
            return false;
        if (got <= 0) {
            smtp_eof(&s->smtp, got < 0 ? t->why(t, errno) : "");
            return true;
        }
        s->in_at = 0;
        s->in_n = (size_t)got;
    }
    s->awaited = smtp_step(&s->smtp);
    size_t used = smtp_feed(&s->smtp, s->in + s->in_at, s->in_n);
    s->in_at += used;
    s->in_n -= used;
    return used > 0;
}

// What sendoff has to know before the smarthost hears more. It never waits for us, but may be
// busy with its disk.
static bool tell_in_time(struct session *s)
{
    struct report *report = s->means.report;
    if (report->urgent &&
        !report_drain(report, s->means.wait, clock_steady() + SESSION_TELL_MS))
        s->gone = true;
    return !s->gone;
}

static bool step_output(struct session *s)
{
    if (!tell_in_time(s))
        return false;
    struct span out = smtp_output(&s->smtp);
    struct transport *t = transport_of(s);
    ssize_t put = t->write(t, out.p, out.n);
    if (put < 0 && errno == EAGAIN)
        return false;
    if (put >= 0) {
        smtp_sent(&s->smtp, (size_t)put);
        return true;
    }
    // What it said before it went away tells more than that it did.
    int error = errno;
    if (!(smtp_wants(&s->smtp) & SMTP_INPUT) || !step_input(s))
        smtp_eof(&s->smtp, t->why(t, error));
    return true;
}

// Does what can be done without waiting; false when nothing can. What we have to say is
// gathered and goes out together. What the server has said comes before that: it may be its
// last word, or a reply to what is not said yet.
static bool step(struct session *s, unsigned wants)
{
    bool moved = false;
    if (wants & SMTP_EVENT) {
        step_event(s);
        return true;
    }
    if (wants & SMTP_TLS)
        return handshake_tls(&s->handshake);
    if (wants & SMTP_AUTH) {
        handshake_auth(&s->handshake);
        return true;
    }
    if (wants & SMTP_BODY) {
        deliver_body(&s->deliver);
        moved = true;
    } else if (wants & SMTP_MAIL) {
        moved = step_mail(s);
    }
    if (moved && smtp_queued(&s->smtp) < SESSION_BATCH)
        return true;
    wants = smtp_wants(&s->smtp);
    if (wants & SMTP_INPUT && step_input(s))
        return true;
    return (wants & SMTP_OUTPUT && step_output(s)) || moved;
}

// sendoff's side: takes jobs in and hands outcomes over, as far as that goes now; these in bulk
// unless we have time for it (`idle`). True where a job is complete, or there will be no more,
// since: step() may have something to do then.
static bool exchange(struct session *s, short ready, bool idle)
{
    struct jobs *jobs = s->means.jobs;
    struct report *report = s->means.report;
    if (!jobs)
        return false;
    size_t complete = jobs->n_ready;
    bool ended = jobs->ended;
    if (jobs->in.n || ready & POLLIN)
        take_jobs(s);
    if (report->out.n > (idle ? 0 : SESSION_REPORT) && report_flush(report))
        s->gone = true;
    return jobs->n_ready != complete || jobs->ended != ended;
}

static short line_events(struct session *s, unsigned wants)
{
    short events = 0;
    if (wants & SMTP_TLS)
        return tls_want(s->means.tls);
    if (wants & SMTP_INPUT && s->in_n == 0)
        events |= POLLIN;
    if (wants & SMTP_OUTPUT)
        events |= POLLOUT;
    return transport_of(s)->want(transport_of(s), events);
}

static int64_t deadline(struct session *s)
{
    unsigned seconds = smtp_deadline(&s->smtp);
    if (s->progress != smtp_progress(&s->smtp)) {
        s->progress = smtp_progress(&s->smtp);
        s->since = clock_steady();
    }
    return seconds ? s->since + (int64_t)seconds * 1000 : INT64_MAX;
}

// The time of what the engine waits for, or of the whole program, is over.
static void expire(struct session *s)
{
    if (clock_steady() >= s->means.wait->stop_by) {
        s->mute = true;
        smtp_fail(&s->smtp, "ended by a signal");
    } else {
        smtp_expired(&s->smtp);
    }
}

// For whoever watches a large message go out. Returns when there is something to tell him; a
// line that stands still must not keep the last of it back.
static int64_t tell_progress(struct session *s)
{
    if (!s->means.progress || !s->means.jobs || !deliver_has_octets(&s->deliver))
        return INT64_MAX;
    int64_t now = clock_steady();
    if (now < s->progress_due)
        return s->progress_due;
    s->progress_due = now + SESSION_PROGRESS_MS;
    deliver_tell_octets(&s->deliver);
    return INT64_MAX;
}

// Waits for what comes next; where there still is something to do, it only looks.
static void wait_for_more(struct session *s, unsigned wants, bool look)
{
    struct jobs *jobs = s->means.jobs;
    struct pollfd line = {.fd = s->means.line->fd, .events = line_events(s, wants)};
    int64_t end = deadline(s), told = tell_progress(s), until = end < told ? end : told;
    short events = 0;
    if (jobs && jobs_hungry(jobs) && !s->quit)
        events |= POLLIN;
    if (jobs && s->means.report->out.n)
        events |= POLLOUT;
    switch (wait_for(s->means.wait, &line, events, look ? INT64_MIN : until)) {
    case WAIT_READY: exchange(s, s->means.wait->ready, true); break;
    case WAIT_LATE: break;
    case WAIT_STOP:
        s->mute = true;
        quit(s);
        break;
    case WAIT_GONE: s->gone = true; break;
    }
    // Asked of the clock whatever came: a server that keeps us busy gains no time by it.
    s->looked = clock_steady();
    if (s->looked >= end || s->looked >= s->means.wait->stop_by)
        expire(s);
}

static void go_on(struct session *s)
{
    unsigned wants;
    while (!s->gone && !((wants = smtp_wants(&s->smtp)) & SMTP_CLOSED)) {
        bool moved = step(s, wants);
        moved |= exchange(s, 0, !moved);
        wants = smtp_wants(&s->smtp);
        (void)deadline(s); // it counts from the change, not from when we next wait
        bool look = moved && clock_steady() - s->looked >= SESSION_LOOK_MS;
        if (!s->gone && !(wants & SMTP_CLOSED) && (!moved || look))
            wait_for_more(s, wants, look);
    }
    while (!s->gone && smtp_wants(&s->smtp) & SMTP_EVENT)
        step_event(s);
}

// Whether the next host may do better: this one failed before it heard who we are or what we
// have to send.
static bool is_movable(const struct session *s)
{
    return s->handshake.troubled && !s->handshake.mechanism && !s->ready && !s->mute &&
           !s->gone;
}

// ---- Setting up

bool session_needs_auth(const struct config_account *a)
{
    if (span_equal_nocase(span_of(a->auth), SPAN("none")))
        return false;
    return a->user[0] || !span_equal_nocase(span_of(a->auth), SPAN("auto"));
}

static void trace(void *context, char direction, const char *line)
{
    observer_line(context, direction, line);
}

static void conceal(void *concealer, struct buf *text)
{
    const struct session *s = concealer;
    if (s->handshake.auth)
        auth_conceal(s->handshake.auth, text);
}

static void set_options(const struct session_means *m, struct smtp_options *o)
{
    static const enum smtp_tls tls[] = {[TLS_STARTTLS] = SMTP_TLS_STARTTLS,
                                        [TLS_IMPLICIT] = SMTP_TLS_IMPLICIT,
                                        [TLS_NONE] = SMTP_TLS_NONE};
    const struct config_account *a = m->account;
    unsigned command = (unsigned)a->timeout_command, body = (unsigned)a->timeout_body;
    smtp_options_init(o);
    o->tls = tls[m->line->target.tls];
    o->auth = session_needs_auth(a);
    o->plaintext_auth = a->tls == TLS_NONE && m->line->loopback;
    o->chunking = true;
    o->avoid = m->jobs ? m->jobs->stumbles : 0;
    o->helo = a->helo[0] ? a->helo : default_helo;
    o->seconds[SMTP_STEP_GREETING] = (unsigned)a->timeout_greeting;
    for (enum smtp_step i = SMTP_STEP_EHLO; i <= SMTP_STEP_DATA; i++)
        o->seconds[i] = command;
    o->seconds[SMTP_STEP_BODY] = o->seconds[SMTP_STEP_BDAT] = body;
    o->seconds[SMTP_STEP_END] = body;
    if (o->seconds[SMTP_STEP_QUIT] > command)
        o->seconds[SMTP_STEP_QUIT] = command;
    if (o->seconds[SMTP_STEP_STRAY] > command)
        o->seconds[SMTP_STEP_STRAY] = command;
    if (m->observer->verbose) {
        o->trace = trace;
        o->context = m->observer;
    }
}

enum session_answer session_run(const struct session_means *means, struct outcome *trouble)
{
    static struct session s;
    struct smtp_options options;
    s = (struct session){.means = *means, .since = clock_steady()};
    s.handshake = (struct handshake){.account = means->account,
                                     .line = means->line,
                                     .observer = means->observer,
                                     .smtp = &s.smtp,
                                     .tls = means->tls,
                                     .auth = means->auth,
                                     .why = BUF_INIT(512),
                                     .binding = BUF_INIT(HANDSHAKE_BINDING_MAX)};
    set_options(means, &options);
    options.conceal = conceal;
    options.concealer = &s;
    pace_init(&s.pace, means->account->pipeline);
    options.depth = s.pace.now;
    transport_plain(&s.plain, means->line->fd);
    smtp_init(&s.smtp, &options);
    if (means->jobs)
        deliver_init(&s.deliver, means->jobs, means->report, &s.smtp, means->sender,
                     means->account->messages_per_connection,
                     means->account->recipients_per_message);
    observer_step(means->observer, "EHLO");
    s.progress = smtp_progress(&s.smtp);
    go_on(&s);
    if (means->jobs && smtp_stumbles(&s.smtp))
        outcome_put_stumbles(&means->report->out, smtp_stumbles(&s.smtp));
    if (s.handshake.encrypted)
        tls_close(means->tls);
    *means->movable = is_movable(&s);
    if (*means->movable)
        s.handshake.auth = NULL;
    handshake_end(&s.handshake);
    deliver_free(&s.deliver);
    smtp_free(&s.smtp);
    buf_free(&s.handshake.why);
    *trouble = s.handshake.trouble;
    *means->refused = s.handshake.refused;
    if (s.gone)
        return SESSION_ENDED;
    return s.handshake.troubled && !s.mute && !s.deliver.aborted ? SESSION_TROUBLE
                                                                 : SESSION_DONE;
}
