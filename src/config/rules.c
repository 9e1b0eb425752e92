// SPDX-License-Identifier: ISC
#include "config/rules.h"

#include <string.h>

#include "config/hosts.h"

static bool is(const char *value, const char *word)
{
    return strcmp(value, word) == 0;
}

// Whether an account logs in at all: auth = auto without a user does not.
static bool logs_in(const struct config_account *a)
{
    return !is(a->auth, "none") && (!is(a->auth, "auto") || a->user[0]);
}

// What the mechanisms of an account take, as far as it logs in; each may take something else.
// EXTERNAL and the Kerberos ones have a name and a proof from elsewhere.
struct takes {
    bool password, token, certificate, ticket;
};

static struct takes takes_of(const struct config_account *a)
{
    struct takes takes = {0};
    struct span words = span_of(a->auth), word;
    while (logs_in(a) && span_word(&words, &word)) {
        bool automatic = span_equal(word, SPAN("auto"));
        bool token = span_equal_nocase(word, SPAN("OAUTHBEARER")) ||
                     span_equal_nocase(word, SPAN("XOAUTH2"));
        bool certificate = span_equal_nocase(word, SPAN("EXTERNAL"));
        bool ticket = span_starts_nocase(word, SPAN("GSS"));
        takes.certificate |= certificate;
        takes.ticket |= ticket;
        takes.token |= token || automatic;
        takes.password |= automatic || !(token || certificate || ticket);
    }
    return takes;
}

// The keys of an account that tell a secret: the words for it, in the order of asking.
struct secrets {
    size_t n;
    const char *keys[4];
};

static struct secrets secrets_of(const struct config_account *a)
{
    const struct {
        const char *key, *value;
    } all[] = {{"password_file", a->password_file},
               {"password_command", a->password_command},
               {"token_file", a->token_file},
               {"token_command", a->token_command}};
    struct secrets found = {0};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].value[0])
            found.keys[found.n++] = all[i].key;
    return found;
}

// A first look only, at what is written; who really answers is judged when connected.
static bool is_loopback(struct span s)
{
    bool address = true;
    for (size_t i = 0; i < s.n; i++)
        address = address && (text_is_digit(s.p[i]) || s.p[i] == '.');
    return (address && span_starts_nocase(s, SPAN("127."))) || span_equal(s, SPAN("::1")) ||
           span_equal_nocase(s, SPAN("localhost"));
}

static bool are_loopback(struct span hosts)
{
    struct host h;
    while (hosts_next(&hosts, &h))
        if (h.srv || !is_loopback(h.name))
            return false;
    return true;
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

// The mechanisms can do something with what there is.
static bool mechanisms_hold(const struct config_account *a, struct buf *why)
{
    struct takes takes = takes_of(a);
    bool token = a->token_file[0] || a->token_command[0];
    if (takes.password && !takes.token && token)
        return broken(why, a->name, "auth",
                      "names no mechanism for a token (OAUTHBEARER, XOAUTH2)");
    if (takes.token && !takes.password && !token)
        return broken(why, a->name, "token_file",
                      "is missing: auth asks for it, or token_command");
    if (takes.certificate && !takes.ticket && !takes.password && !takes.token &&
        !a->tls_cert[0])
        return broken(why, a->name, "tls_cert", "is missing: auth = EXTERNAL asks for it");
    return true;
}

// There is one secret where one is needed, and somebody whose it is.
static bool secret_holds(const struct config_account *a, struct buf *why)
{
    struct secrets s = secrets_of(a);
    struct takes takes = takes_of(a);
    bool needed = takes.password || takes.token;
    struct buf text = BUF_INIT(256);
    bool good = false;
    if (s.n > 1) {
        buf_printf(&text, "there is a %s too: one secret is enough", s.keys[0]);
        broken(why, a->name, s.keys[1], buf_str(&text));
    } else if (s.n && is(a->auth, "auto") && !a->user[0]) {
        buf_printf(&text, "is missing: there is a %s (auth = none if nobody logs in)",
                   s.keys[0]);
        broken(why, a->name, "user", buf_str(&text));
    } else if (needed && !a->user[0]) {
        broken(why, a->name, "user", "is missing: auth asks for it");
    } else if (needed && !s.n) {
        broken(why, a->name, "password_file",
               "is missing: auth asks for it, or password_command, token_file, token_command");
    } else {
        good = true;
    }
    buf_free(&text);
    return good;
}

static bool account_holds(const struct config_account *a, struct buf *why)
{
    if (!a->host[0])
        return broken(why, a->name, "host", "is missing");
    if (!secret_holds(a, why) || !mechanisms_hold(a, why))
        return false;
    if (a->tls == TLS_NONE && logs_in(a) && !are_loopback(span_of(a->host)))
        return broken(why, a->name, "tls",
                      "none is only for a host on loopback, or with auth = none");
    return true;
}

// A key without a meaning would be taken for a guard that is there.
static bool tls_holds(const struct config_account *a, struct buf *why)
{
    if (a->tls == TLS_NONE && a->tls_pin[0])
        return broken(why, a->name, "tls_pin", "has no meaning with tls = none");
    if (a->tls == TLS_NONE && a->tls_cert[0])
        return broken(why, a->name, "tls_cert", "has no meaning with tls = none");
    if (a->tls == TLS_NONE && hosts_have_srv(span_of(a->host)))
        return broken(why, a->name, "tls",
                      "can not be none with srv: DNS names no such service");
    if (a->tls_key[0] && !a->tls_cert[0])
        return broken(why, a->name, "tls_cert", "is missing: there is a tls_key");
    if (a->tls_verify == TLS_VERIFY_PIN && !a->tls_pin[0])
        return broken(why, a->name, "tls_pin", "is missing: tls_verify = pin asks for it");
    if (a->tls_verify == TLS_VERIFY_NONE && a->tls_pin[0])
        return broken(why, a->name, "tls_verify", "would not look at tls_pin");
    return true;
}

bool rules_hold(const struct config *c, struct buf *why)
{
    if (c->retry_longest < c->retry_first)
        return broken(why, "sendoff", "retry_longest", "is shorter than retry_first");
    for (size_t i = 0; i < c->n_accounts; i++)
        if (!account_holds(&c->accounts[i], why) || !tls_holds(&c->accounts[i], why) ||
            !sender_holds(c, &c->accounts[i], why))
            return false;
    if (c->n_accounts == 0) {
        buf_puts(why, "no account: a section with the smarthost as its host is missing");
        return false;
    }
    if (!config_account(c, ""))
        return broken(why, "sendoff", "account", "there is no such section");
    return true;
}
