// SPDX-License-Identifier: ISC
// What the engine's prelude asks for and does not know itself: the TLS handshake, and what AUTH
// says. It holds the first reason that made the session fail, which is the true one.
#ifndef SUBMIT_HANDSHAKE_H
#define SUBMIT_HANDSHAKE_H

#include <stdbool.h>

#include "config/config.h"
#include "message/outcome.h"
#include "smtp/smtp.h"
#include "submit/auth/auth.h"
#include "submit/line/dial.h"
#include "submit/observer.h"
#include "submit/tls/tls.h"

enum { HANDSHAKE_BINDING_MAX = 128 }; // octets of what binds a login to the connection

struct handshake {
    const struct config_account *account;
    const struct dial *line;
    struct observer *observer;
    struct smtp *smtp;
    struct tls *tls;    // NULL where tls = none
    struct auth *auth;  // NULL where nobody logs in; owned
    struct buf why;     // of AUTH; the cap is set by who makes the object
    struct buf binding; // of the login to the connection; the cap likewise
    const char *mechanism;
    enum smtp_form form;    // of the next initial response
    bool declined;          // a mechanism was; `refusal` is what the server said
    struct outcome refusal; // as the trouble that it is where no other mechanism will do
    bool begun;
    bool encrypted; // the line goes through TLS from now on
    bool refused;   // the server did not take the credential (auth_refused)
    bool troubled;  // `trouble` says what ended the session
    struct outcome trouble;
};

// Notes what ended the session, unless something was noted before.
void handshake_trouble(struct handshake *h, const struct outcome *o) __attribute__((nonnull));

// When the engine wants TLS: goes as far as it can. False: wait for tls_want, then call again.
bool handshake_tls(struct handshake *h) __attribute__((nonnull, warn_unused_result));

// When the engine wants AUTH.
void handshake_auth(struct handshake *h) __attribute__((nonnull));
// SMTP_ON_AUTH. Once AUTH is over, one way or the other, the secret is gone.
void handshake_on_auth(struct handshake *h, const struct outcome *o) __attribute__((nonnull));

// Tells the observer what the server can do.
void handshake_show(const struct handshake *h) __attribute__((nonnull));

// Ends what is left of AUTH.
void handshake_end(struct handshake *h) __attribute__((nonnull));

#endif
