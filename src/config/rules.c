// SPDX-License-Identifier: ISC
#include "config/rules.h"

#include <string.h>

static bool is(const char *value, const char *word)
{
    return strcmp(value, word) == 0;
}

// Whether an account logs in at all: auth = auto without a user does not.
static bool logs_in(const struct config_account *a)
{
    return !is(a->auth, "none") && (!is(a->auth, "auto") || a->user[0]);
}

// Whether one of its mechanisms asks for a name and a password; EXTERNAL and the Kerberos ones
// have theirs from elsewhere.
static bool needs_password(const struct config_account *a)
{
    struct span words = span_of(a->auth), word;
    if (!logs_in(a))
        return false;
    while (span_word(&words, &word))
        if (!span_equal_nocase(word, SPAN("EXTERNAL")) &&
            !span_equal_nocase(word, SPAN("ANONYMOUS")) &&
            !span_starts_nocase(word, SPAN("GSS")) && !span_starts_nocase(word, SPAN("GS2-")))
            return true;
    return false;
}

// A first look only, at what is written; who really answers is judged when connected.
static bool is_loopback(const char *host)
{
    struct span s = span_of(host);
    bool address = true;
    for (size_t i = 0; i < s.n; i++)
        address = address && (text_is_digit(s.p[i]) || s.p[i] == '.');
    return (address && span_starts_nocase(s, SPAN("127."))) || is(host, "::1") ||
           span_equal_nocase(s, SPAN("localhost"));
}

static bool broken(struct buf *why, const char *section, const char *key, const char *what)
{
    buf_printf(why, "%s: %s: %s", section, key, what);
    return false;
}

// What replaces a sender must be known.
static bool sender_holds(const struct config *c, const struct config_account *a,
                         struct buf *why)
{
    if (config_from(a)[0])
        return true;
    if (a->sender == SENDER_FORCE)
        return broken(why, a->name, "from",
                      "is missing: sender = force needs it where user is no address");
    if (c->null_sender == NULL_SENDER_REWRITE)
        return broken(why, a->name, "from",
                      "is missing: null_sender = rewrite needs it where user is no address");
    return true;
}

static bool account_holds(const struct config_account *a, struct buf *why)
{
    if (!a->host[0])
        return broken(why, a->name, "host", "is missing");
    if (is(a->auth, "auto") && !a->user[0] && a->password_file[0])
        return broken(why, a->name, "user",
                      "is missing: there is a password_file (auth = none if nobody logs in)");
    if (needs_password(a) && !a->user[0])
        return broken(why, a->name, "user", "is missing: auth asks for it");
    if (needs_password(a) && !a->password_file[0])
        return broken(why, a->name, "password_file", "is missing: auth asks for it");
    if (a->tls == TLS_NONE && logs_in(a) && !is_loopback(a->host))
        return broken(why, a->name, "tls",
                      "none is only for a host on loopback, or with auth = none");
    return true;
}

bool rules_hold(const struct config *c, struct buf *why)
{
    if (c->retry_longest < c->retry_first)
        return broken(why, "sendoff", "retry_longest", "is shorter than retry_first");
    for (size_t i = 0; i < c->n_accounts; i++)
        if (!account_holds(&c->accounts[i], why) || !sender_holds(c, &c->accounts[i], why))
            return false;
    if (c->n_accounts == 0) {
        buf_puts(why, "no account: a section with the smarthost as its host is missing");
        return false;
    }
    if (!config_account(c, ""))
        return broken(why, "sendoff", "account", "there is no such section");
    return true;
}
