// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/auth/auth.h"

#include <string.h>

#include "smtp/base64.h"
#include "submit/auth/mechanism.h"
#include "submit/secret/secret.h"
#include "submit/secret/vault.h"

enum {
    AUTH_MOST = 32,          // mechanisms that are tried
    AUTH_CONCEALED_MIN = 4,  // octets of what is a secret wherever it stands
    AUTH_COMPLAINT_MAX = 256 // octets of what a server says against a token
};

struct auth {
    struct auth_login login;
    struct auth_line line;
    struct attempt attempt;
    const struct mechanism *plan[AUTH_MOST];
    size_t planned;
    size_t next;
    struct buf offered;
    char secret[SECRET_MAX + 1];
};

static bool is_auto(const char *allow)
{
    return span_equal_nocase(span_trim(span_of(allow)), SPAN("auto"));
}

// The next mechanism that `allow` allows, in its order. `at` is NULL at first.
static const struct mechanism *next_allowed(const char *allow, struct span *rest,
                                            const struct mechanism *at)
{
    struct span word;
    if (is_auto(allow)) {
        do
            at = mechanism_next(at);
        while (at && !(at->traits & MECHANISM_AUTO));
        return at;
    }
    if (!at)
        *rest = span_of(allow);
    while (span_word(rest, &word)) {
        const struct mechanism *m = mechanism_find(word);
        if (m)
            return m;
    }
    return NULL;
}

// Whether what is known of the login is what the mechanism takes.
static bool suits(const struct mechanism *m, const struct auth_login *l)
{
    unsigned kind = l->token ? MECHANISM_TOKEN : MECHANISM_PASSWORD;
    unsigned takes = m->traits & (MECHANISM_TOKEN | MECHANISM_PASSWORD);
    return !takes || (takes & kind && l->secret.n > 0);
}

bool auth_takes_secret(const char *allow)
{
    struct span rest;
    const struct mechanism *m = NULL;
    while ((m = next_allowed(allow, &rest, m)))
        if (m->traits & (MECHANISM_PASSWORD | MECHANISM_TOKEN))
            return true;
    return false;
}

// ---- The object

// The mechanisms that need libsasl2, by their names.
static void put_packages(struct buf *out, const struct auth_login *l)
{
    struct span rest;
    const struct mechanism *m = NULL;
    while ((m = next_allowed(l->allow, &rest, m)))
        if (m->traits & MECHANISM_PACKAGE && suits(m, l))
            buf_printf(out, "%s ", m->name);
}

struct auth *auth_new(const struct auth_login *login, bool packages, struct buf *why)
{
    struct auth *a = login->secret.n > SECRET_MAX ? NULL : vault_new(sizeof *a);
    if (!a) {
        buf_puts(why, "AUTH: no room for the secret");
        return NULL;
    }
    a->login = *login;
    if (login->secret.n)
        memcpy(a->secret, login->secret.p, login->secret.n);
    a->login.secret.p = a->secret;
    a->offered = (struct buf)BUF_INIT(1024);
    a->attempt = (struct attempt){.login = &a->login,
                                  .line = &a->line,
                                  .own = BUF_INIT(2 * SECRET_MAX),
                                  .complaint = BUF_INIT(AUTH_COMPLAINT_MAX)};
    struct buf wanted = BUF_INIT(1024);
    if (packages)
        put_packages(&wanted, login);
    if (wanted.n)
        a->attempt.cyrus = cyrus_new(login->user, login->secret, buf_str(&wanted), why);
    bool bad = wanted.n && !a->attempt.cyrus;
    buf_free(&wanted);
    if (!bad)
        return a;
    auth_free(a);
    return NULL;
}

void auth_free(struct auth *a)
{
    if (!a)
        return;
    cyrus_free(a->attempt.cyrus);
    if (a->attempt.own.p)
        explicit_bzero(a->attempt.own.p, a->attempt.own.size);
    buf_free(&a->attempt.own);
    buf_free(&a->attempt.complaint);
    buf_free(&a->offered);
    vault_free(a, sizeof *a);
}

// ---- The plan

static bool is_offered(struct span offered, struct span mechanism)
{
    struct span word;
    while (span_word(&offered, &word))
        if (span_equal_nocase(word, mechanism))
            return true;
    return false;
}

// What to tell of channel binding where it is not used. 'y' would be a lie where the server has
// it, and is taken for an attack there (RFC 5802, 6).
static enum cyrus_binding binding_for(const struct auth_line *line, struct span offered)
{
    struct span word;
    while (span_word(&offered, &word))
        if (word.n > 5 &&
            span_equal_nocase((struct span){word.p + word.n - 5, 5}, SPAN("-PLUS")))
            return CYRUS_UNBOUND;
    return line->binding_name ? CYRUS_UNOFFERED : CYRUS_UNBOUND;
}

void auth_offer(struct auth *a, const struct auth_line *line, struct span offered)
{
    struct span rest;
    const struct mechanism *m = NULL;
    a->line = *line;
    a->planned = a->next = 0;
    a->attempt.binding = binding_for(line, offered);
    buf_clear(&a->offered);
    text_clean(&a->offered, offered, 80);
    while (a->planned < AUTH_MOST && (m = next_allowed(a->login.allow, &rest, m)))
        if (is_offered(offered, span_of(m->name)) && suits(m, &a->login) && line->strength &&
            (line->binding_name || !(m->traits & MECHANISM_BOUND)) &&
            (line->identified || !(m->traits & MECHANISM_CERTIFICATE)))
            a->plan[a->planned++] = m;
}

static const char *name(const struct auth *a)
{
    return a->next ? a->plan[a->next - 1]->name : "";
}

// Puts the mechanism's name before what it says.
static void tell(const struct auth *a, struct buf *why, struct buf *reason)
{
    buf_clear(why);
    auth_conceal(a, reason);
    buf_printf(why, "AUTH %s: %s", name(a), buf_str(reason));
    buf_free(reason);
}

const char *auth_begin(struct auth *a, struct span *initial, struct buf *why)
{
    buf_clear(why);
    if (!a->planned)
        buf_printf(
            why, "AUTH: no mechanism is both offered and allowed (auth = %s%s; offered: %s)",
            a->login.allow, a->login.token ? ", with a token" : "", buf_str(&a->offered));
    while (a->next < a->planned) {
        const struct mechanism *m = a->plan[a->next++];
        struct buf reason = BUF_INIT(256);
        buf_clear(&a->attempt.complaint);
        bool good = m->begin(&a->attempt, m, &reason);
        if (good) {
            buf_free(&reason);
            *initial = a->attempt.response;
            return m->name;
        }
        tell(a, why, &reason);
    }
    *initial = (struct span){0};
    return "";
}

void auth_again(struct auth *a)
{
    if (a->next)
        a->next--;
}

// ---- What must not be seen

static void take_out(struct buf *text, struct span word)
{
    static const char instead[] = "***";
    char *at = text->p;
    if (word.n < AUTH_CONCEALED_MIN || !at)
        return;
    while ((at = memmem(at, (size_t)(text->p + text->n - at), word.p, word.n))) {
        char *behind = at + word.n;
        memcpy(at, instead, sizeof instead - 1);
        at += sizeof instead - 1;
        memmove(at, behind, (size_t)(text->p + text->n - behind));
        buf_cut(text, text->n - (word.n - (sizeof instead - 1)));
    }
}

// As it goes over the line.
static void take_out_encoded(struct buf *text, struct span octets)
{
    struct buf encoded = BUF_INIT(4 * SECRET_MAX);
    if (octets.n && buf_room(&encoded, base64_length(octets.n) + 1)) {
        base64_encode(&encoded, octets);
        take_out(text, buf_span(&encoded));
        explicit_bzero(encoded.p, encoded.size);
    }
    buf_free(&encoded);
}

void auth_conceal(const struct auth *a, struct buf *text)
{
    take_out(text, a->login.secret);
    take_out_encoded(text, a->login.secret);
    take_out_encoded(text, buf_span(&a->attempt.own));
}

// ---- The exchange

bool auth_step(struct auth *a, struct span challenge, struct span *response, struct buf *why)
{
    struct buf reason = BUF_INIT(256);
    *response = (struct span){0};
    if (!a->next)
        return false;
    bool good = a->attempt.step < AUTH_STEPS_MAX;
    if (!good)
        buf_puts(&reason, "the server asks without end");
    good = good && a->plan[a->next - 1]->step(&a->attempt, challenge, &reason);
    auth_conceal(a, &a->attempt.complaint);
    if (good)
        *response = a->attempt.response;
    else
        tell(a, why, &reason);
    buf_free(&reason);
    return good;
}

// Hears the last message of a server that sends it with 235.
static void hear_out(struct auth *a, struct span text)
{
    struct buf last = BUF_INIT(OUTCOME_TEXT_MAX), why = BUF_INIT(256);
    struct span response;
    if (text.n && base64_decode(&last, text) && !auth_step(a, buf_span(&last), &response, &why))
        a->attempt.content = false;
    buf_free(&last);
    buf_free(&why);
}

bool auth_content(struct auth *a, struct span text)
{
    if (!a->next)
        return false;
    if (!a->attempt.content && a->plan[a->next - 1]->traits & MECHANISM_PACKAGE)
        hear_out(a, text);
    return a->attempt.content;
}

const char *auth_complaint(const struct auth *a)
{
    return buf_str(&a->attempt.complaint);
}

const char *auth_binding(const struct auth *a)
{
    return a->next && a->plan[a->next - 1]->traits & MECHANISM_BOUND ? a->line.binding_name
                                                                     : "";
}

// ---- What the server says of it

bool auth_mechanism_refused(const struct outcome *o)
{
    if (o->code == 504 || o->code == 534 || o->code == 538)
        return true;
    if (o->code == 500 || o->code == 501 || o->code == 502)
        return o->status[1] == 5;
    // "Security features not supported", "mechanism too weak", "encryption required".
    return o->code >= 500 && o->status[1] == 7 &&
           (o->status[2] == 4 || o->status[2] == 9 || o->status[2] == 11);
}

bool auth_refused(const struct outcome *o)
{
    return o->code == 535 || o->code == 534 ||
           (o->code >= 500 && o->status[1] == 7 && o->status[2] == 8);
}
