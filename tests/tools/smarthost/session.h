// SPDX-License-Identifier: ISC
// One connection's dialogue (RFC 5321), from the greeting to its end: the ordinary smarthost,
// and at each event the script's chance to do something else. session.c leads it, greet.c knows
// what comes before mail, mail.c what comes after AUTH.
#ifndef TOOLS_SESSION_H
#define TOOLS_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth.h"
#include "base/buf.h"
#include "house.h"
#include "script.h"
#include "store.h"
#include "wire.h"

enum { SESSION_TEXT_MAX = 1 << 20 };

struct session {
    struct house *house;
    struct wire wire;
    unsigned long long number;
    uint64_t here[EVENT_COUNT];
    bool over; // by our own will, in the manner of `end`
    enum wire_end end;

    bool instead, mute; // of the next answer: the script has another text, or none
    struct span answer;

    bool authenticated;
    bool in_auth; // lines are responses
    struct auth auth;

    bool mail;
    size_t recipients;
    struct buf envelope; // MAIL and RCPT as they came
    bool storing;
    struct store store;
    uint64_t before; // octets of the message before those at hand

    struct buf line, text;
};

// Serves the connected socket, and closes it. `number` counts connections from 1.
void session_serve(struct house *house, int fd, unsigned long long number)
    __attribute__((nonnull));

// ---- For greet.c and mail.c.

// Answers a line with the text, a line end added: the one way to do so, since the script may
// have something else to say.
void session_say(struct session *s, struct span text) __attribute__((nonnull));
// An event takes place: the script's rule for it is followed, or the ordinary is done.
void session_happen(struct session *s, enum event e, struct span line) __attribute__((nonnull));
// Neither side has ended it.
bool session_alive(const struct session *s) __attribute__((nonnull));
// Ends it once this event is done with.
void session_finish(struct session *s, enum wire_end how) __attribute__((nonnull));

// The ordinary effect and answer of each event.
void greet_connect(struct session *s) __attribute__((nonnull));
void greet_ehlo(struct session *s) __attribute__((nonnull));
void greet_starttls(struct session *s) __attribute__((nonnull));
void greet_auth(struct session *s, struct span line) __attribute__((nonnull));
void greet_response(struct session *s, struct span line) __attribute__((nonnull));
// The handshake; on failure the connection is over.
void greet_secure(struct session *s) __attribute__((nonnull));

void mail_from(struct session *s, struct span line) __attribute__((nonnull));
void mail_to(struct session *s, struct span line) __attribute__((nonnull));
void mail_data(struct session *s) __attribute__((nonnull));
void mail_chunk(struct session *s, struct span line) __attribute__((nonnull));
// Reads the octets of a chunk and forgets them.
void mail_skip(struct session *s, struct span line) __attribute__((nonnull));
void mail_dot(struct session *s) __attribute__((nonnull));
// Forgets the transaction.
void mail_forget(struct session *s) __attribute__((nonnull));

#endif
