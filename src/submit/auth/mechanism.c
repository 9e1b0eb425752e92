// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/auth/mechanism.h"

#include <string.h>

#include "submit/auth/bearer.h"

// Empties the response and makes all its room beforehand, so that no secret is left behind in
// memory that a growing buffer gave back.
static bool start(struct attempt *at, size_t n)
{
    buf_clear(&at->own);
    at->response = (struct span){0};
    at->content = false;
    at->step = 0;
    return buf_room(&at->own, n) != NULL;
}

// The response is what was put into at->own.
static bool say(struct attempt *at)
{
    at->response = (struct span){buf_str(&at->own), at->own.n};
    return !at->own.over;
}

static bool give_up(struct attempt *at, struct buf *why, const char *reason)
{
    at->content = false;
    at->response = (struct span){0};
    buf_puts(why, reason);
    return false;
}

static const char too_long[] = "user or secret is too long",
                  too_much[] = "the server asks for more than there is to say";

// Nothing is left to be said, and still the server asks.
static bool no_step(struct attempt *at, struct span challenge, struct buf *why)
{
    (void)challenge;
    return give_up(at, why, too_much);
}

static bool begin_plain(struct attempt *at, const struct mechanism *m, struct buf *why)
{
    const struct auth_login *l = at->login;
    (void)m;
    if (memchr(l->secret.p, '\0', l->secret.n))
        return give_up(at, why, "a password with NUL in it can not be sent so");
    if (!start(at, strlen(l->user) + l->secret.n + 2))
        return give_up(at, why, too_long);
    buf_putc(&at->own, '\0'); // no authorisation identity in front: some servers refuse one
    buf_puts(&at->own, l->user);
    buf_putc(&at->own, '\0');
    buf_put_span(&at->own, l->secret);
    at->content = true;
    return say(at);
}

static bool begin_login(struct attempt *at, const struct mechanism *m, struct buf *why)
{
    (void)m;
    return start(at, strlen(at->login->user) + at->login->secret.n) ||
           give_up(at, why, too_long);
}

// The challenges' words differ from server to server; their order does not.
static bool step_login(struct attempt *at, struct span challenge, struct buf *why)
{
    (void)challenge;
    if (at->step > 1)
        return give_up(at, why, too_much);
    buf_clear(&at->own);
    if (at->step++ == 0)
        buf_puts(&at->own, at->login->user);
    else
        buf_put_span(&at->own, at->login->secret);
    at->content = at->step == 2;
    return say(at);
}

// The certificate has said who it is; the name says as whom it wants to act.
static bool begin_external(struct attempt *at, const struct mechanism *m, struct buf *why)
{
    (void)m;
    if (!start(at, strlen(at->login->user)))
        return give_up(at, why, too_long);
    buf_puts(&at->own, at->login->user);
    at->content = true;
    return say(at);
}

static bool begin_bearer(struct attempt *at, const struct mechanism *m, struct buf *why)
{
    const struct auth_login *l = at->login;
    if (!bearer_is_token(l->secret))
        return give_up(at, why, "the token is empty, or holds other than visible ASCII");
    // Each octet of the name may become three.
    if (!start(at, 3 * strlen(l->user) + l->secret.n + BEARER_WORDS_MAX))
        return give_up(at, why, too_long);
    if (strcmp(m->name, "XOAUTH2") == 0)
        bearer_xoauth2(&at->own, l->user, l->secret);
    else
        bearer_oauth(&at->own, l->user, at->line->host, at->line->port, l->secret);
    at->content = true;
    return say(at);
}

// A challenge says why the token is refused. The reply that says so waits for an answer without
// meaning (RFC 7628, 3.2.3).
static bool step_bearer(struct attempt *at, struct span challenge, struct buf *why,
                        const char *answer)
{
    if (at->step++ > 0)
        return give_up(at, why, too_much);
    at->content = false;
    bearer_complaint(&at->complaint, challenge);
    buf_clear(&at->own);
    buf_puts(&at->own, answer);
    return say(at);
}

static bool step_oauthbearer(struct attempt *at, struct span challenge, struct buf *why)
{
    return step_bearer(at, challenge, why, "\001");
}

static bool step_xoauth2(struct attempt *at, struct span challenge, struct buf *why)
{
    return step_bearer(at, challenge, why, "");
}

// ---- libsasl2's

static bool begin_cyrus(struct attempt *at, const struct mechanism *m, struct buf *why)
{
    at->step = 0;
    if (!at->cyrus || !cyrus_begin(at->cyrus, m->name, at->line,
                                   m->traits & MECHANISM_BOUND ? CYRUS_BOUND : at->binding,
                                   &at->response, why))
        return false;
    at->content = cyrus_content(at->cyrus);
    return true;
}

static bool step_cyrus(struct attempt *at, struct span challenge, struct buf *why)
{
    bool good = cyrus_step(at->cyrus, challenge, &at->response, why);
    at->step++;
    at->content = cyrus_content(at->cyrus);
    return good;
}

// ---- The table

#define CYRUS .begin = begin_cyrus, .step = step_cyrus
#define SCRAM(hash, more)                                                                    \
    {                                                                                        \
        "SCRAM-SHA-" hash, MECHANISM_AUTO | MECHANISM_PASSWORD | MECHANISM_PACKAGE | (more), \
            CYRUS                                                                            \
    }

// Strongest first: what no password is needed for, what nobody in the middle can pass on, what
// does not show the password, what does. The weak ones, and those that go and ask others than
// the server (Kerberos, with no deadline of ours), are for those who name them.
static const struct mechanism mechanisms[] = {
    {"EXTERNAL", MECHANISM_AUTO | MECHANISM_CERTIFICATE, begin_external, no_step},
    SCRAM("512-PLUS", MECHANISM_BOUND),
    SCRAM("384-PLUS", MECHANISM_BOUND),
    SCRAM("256-PLUS", MECHANISM_BOUND),
    SCRAM("224-PLUS", MECHANISM_BOUND),
    SCRAM("1-PLUS", MECHANISM_BOUND),
    SCRAM("512", 0),
    SCRAM("384", 0),
    SCRAM("256", 0),
    SCRAM("224", 0),
    SCRAM("1", 0),
    {"OAUTHBEARER", MECHANISM_AUTO | MECHANISM_TOKEN, begin_bearer, step_oauthbearer},
    {"XOAUTH2", MECHANISM_AUTO | MECHANISM_TOKEN, begin_bearer, step_xoauth2},
    {"PLAIN", MECHANISM_AUTO | MECHANISM_PASSWORD, begin_plain, no_step},
    {"LOGIN", MECHANISM_AUTO | MECHANISM_PASSWORD, begin_login, step_login},
    {"GSSAPI", MECHANISM_PACKAGE, CYRUS},
    {"GSS-SPNEGO", MECHANISM_PACKAGE, CYRUS},
    {"DIGEST-MD5", MECHANISM_PASSWORD | MECHANISM_PACKAGE, CYRUS},
    {"CRAM-MD5", MECHANISM_PASSWORD | MECHANISM_PACKAGE, CYRUS},
    {"NTLM", MECHANISM_PASSWORD | MECHANISM_PACKAGE, CYRUS},
};

const struct mechanism *mechanism_next(const struct mechanism *m)
{
    m = m ? m + 1 : mechanisms;
    return m < mechanisms + sizeof mechanisms / sizeof *mechanisms ? m : NULL;
}

const struct mechanism *mechanism_find(struct span name)
{
    for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++)
        if (span_equal_nocase(name, span_of(mechanisms[i].name)))
            return &mechanisms[i];
    return NULL;
}
