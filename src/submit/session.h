// SPDX-License-Identifier: ISC
// One connection's life: the loop that moves octets between the engine and the line, makes the
// TLS handshake and the AUTH exchange when the engine asks for them, and lets jobs in and
// outcomes out meanwhile.
#ifndef SUBMIT_SESSION_H
#define SUBMIT_SESSION_H

#include "config/config.h"
#include "message/outcome.h"
#include "submit/auth/auth.h"
#include "submit/line/dial.h"
#include "submit/mail/jobs.h"
#include "submit/mail/report.h"
#include "submit/observer.h"
#include "submit/rehearsal.h"
#include "submit/tls/tls.h"
#include "submit/wait.h"

// All borrowed, but `auth`.
struct session_means {
    const struct config_account *account;
    const struct dial *line;
    struct wait *wait;
    struct observer *observer;
    struct tls *tls;   // NULL where tls = none
    struct auth *auth; // NULL where nobody logs in; the session ends it as soon as it can
    struct jobs *jobs; // NULL for a check, which sends nothing
    struct rehearsal *rehearsal; // of a check
    struct sender *sender;
    struct report *report;
    bool progress; // sendoff wants to know how much of a body has gone out
    bool *refused; // set where the server did not take the login
    // Set where it failed before anything of the account was said, so that another host may do.
    // Then `auth` stays the caller's.
    bool *movable;
};

enum session_answer {
    SESSION_DONE,    // all that could be done on this connection is
    SESSION_TROUBLE, // the line or the account failed; *trouble says why
    SESSION_ENDED,   // sendoff is gone or does not keep to the protocol
};

// Whether the account's mail is sent by somebody who logs in.
bool session_needs_auth(const struct config_account *a) __attribute__((nonnull));

// Runs the session; the connection is over afterwards, its descriptor still the caller's.
enum session_answer session_run(const struct session_means *means, struct outcome *trouble)
    __attribute__((nonnull, warn_unused_result));

#endif
