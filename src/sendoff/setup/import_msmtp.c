// SPDX-License-Identifier: ISC
#include "sendoff/setup/import_msmtp.h"

#include <string.h>

#include "config/config.h"

enum { MSMTP_PORT = 25, MSMTP_PORT_TLS = 465, PORT_MAX = 65535 };

// What our table has no key for until all of an account is known.
struct msmtp_account {
    struct buf name; // as the file has it
    size_t section;
    bool tls, starttls, forced;
    unsigned port;
    struct buf from;
};

struct msmtp {
    struct importing *m;
    struct msmtp_account accounts[CONFIG_ACCOUNTS_MAX + 1]; // the first is `defaults`
    size_t n;
    struct msmtp_account *at; // whose settings these are; NULL behind `account default : NAME`
};

static void begin(struct msmtp *s, struct msmtp_account *a, struct span name,
                  const struct msmtp_account *base)
{
    *a = (struct msmtp_account){.name = BUF_INIT(256), .from = BUF_INIT(IMPORTING_LINE_MAX)};
    buf_put_span(&a->name, name);
    a->section = draft_account(s->m->draft, name);
    a->starttls = true;
    if (!base)
        return;
    a->tls = base->tls;
    a->starttls = base->starttls;
    a->forced = base->forced;
    a->port = base->port;
    buf_puts(&a->from, buf_str(&base->from));
    draft_inherit(s->m->draft, base->section, a->section);
}

static struct msmtp_account *find_account(struct msmtp *s, struct span name)
{
    for (size_t i = 1; i < s->n; i++)
        if (span_equal(buf_span(&s->accounts[i].name), name))
            return &s->accounts[i];
    return NULL;
}

static void inherit_all(struct msmtp *s, struct msmtp_account *a, struct span bases)
{
    struct span name;
    while (span_cut(&bases, ',', &name)) {
        const struct msmtp_account *base = find_account(s, span_trim(name));
        if (!base) {
            draft_note(s->m->draft, s->m->file, s->m->line, "there is no account %.*s",
                       SPAN_ARGS(name));
            continue;
        }
        a->tls = base->tls;
        a->starttls = base->starttls;
        a->forced |= base->forced;
        a->port = base->port ? base->port : a->port;
        buf_clear(&a->from);
        buf_puts(&a->from, buf_str(&base->from));
        draft_inherit(s->m->draft, base->section, a->section);
    }
}

// "account NAME [: NAME,...]". The account `default` is where mail goes; where it only stands
// for another one, that one's name will do.
static void on_account(struct msmtp *s, struct span rest)
{
    struct span name;
    (void)span_cut(&rest, ':', &name);
    name = span_trim(name);
    struct span bases = span_trim(rest);
    const struct msmtp_account *base = find_account(s, bases);
    if (span_equal(name, SPAN("default")) && base) {
        importing_set(s->m, DRAFT_GLOBAL, "account",
                      span_of(draft_name(s->m->draft, base->section)), "account default");
        s->at = NULL;
        return;
    }
    if (s->n > CONFIG_ACCOUNTS_MAX - 1) {
        draft_note(s->m->draft, s->m->file, s->m->line, "too many accounts");
        return;
    }
    s->at = &s->accounts[s->n++];
    begin(s, s->at, name, bases.n ? NULL : &s->accounts[0]);
    inherit_all(s, s->at, bases);
    if (span_equal(name, SPAN("default")))
        importing_set(s->m, DRAFT_GLOBAL, "account",
                      span_of(draft_name(s->m->draft, s->at->section)), "account default");
}

static bool is_on(struct span value)
{
    return value.n == 0 || span_equal(value, SPAN("on"));
}

static void on_auth(struct msmtp *s, struct span value)
{
    char upper[32] = "";
    bool plain = is_on(value), off = span_equal(value, SPAN("off"));
    for (size_t i = 0; i < value.n && i < sizeof upper - 1; i++)
        upper[i] = value.p[i] >= 'a' && value.p[i] <= 'z' ? (char)(value.p[i] - 'a' + 'A')
                                                          : value.p[i];
    importing_set(s->m, s->at->section, "auth",
                  plain ? SPAN("auto")
                  : off ? SPAN("none")
                        : span_of(upper),
                  "auth");
}

// %U and %H are our %u and %h.
static void on_from(struct msmtp *s, struct span value)
{
    buf_clear(&s->at->from);
    for (size_t i = 0; i < value.n; i++) {
        bool pattern = value.p[i] == '%' && i + 1 < value.n;
        char next = pattern ? value.p[i + 1] : '\0';
        if (next == 'U' || next == 'H') {
            buf_puts(&s->at->from, next == 'U' ? "%u" : "%h");
            i++;
        } else {
            buf_putc(&s->at->from, value.p[i]);
        }
    }
    s->at->forced = true;
}

static void on_port(struct msmtp *s, struct span value)
{
    uint64_t port;
    if (text_number(value, PORT_MAX, &port))
        s->at->port = (unsigned)port;
    else
        draft_note(s->m->draft, s->m->file, s->m->line, "port: not carried over");
}

static void on_timeout(struct msmtp *s, struct span value)
{
    static const char *const keys[] = {"timeout_connect", "timeout_greeting", "timeout_command",
                                       "timeout_body"};
    struct buf seconds = BUF_INIT(64);
    buf_put_span(&seconds, value);
    buf_putc(&seconds, 's');
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!span_equal(value, SPAN("off")))
            importing_set(s->m, s->at->section, keys[i], buf_span(&seconds), "timeout");
    buf_free(&seconds);
}

// Keys that mean the same there and here.
static const struct {
    const char *word, *key;
    enum { ANY, PATH, GLOBAL, GLOBAL_PATH } kind;
} same[] = {
    {"host", "host", ANY},
    {"user", "user", ANY},
    {"domain", "helo", ANY},
    {"maildomain", "domain", GLOBAL},
    {"source_ip", "source_address", ANY},
    {"tls_key_file", "tls_key", PATH},
    {"tls_cert_file", "tls_cert", PATH},
    {"tls_host_override", "tls_name", ANY},
    {"aliases", "aliases", GLOBAL_PATH},
};

// What sendoff does anyway, or what makes no difference to it.
static const char *const needless[] = {
    "set_date_header",
    "set_msgid_header",
    "logfile_time_format",
    "undisclosed_recipients",
    "remove_bcc_headers",
    "syslog",
    "auto_from",
    "tls_min_dh_prime_bits",
    "add_missing_date_header",
    "add_missing_from_header",
    "keepbcc",
    "allow_from_override",
    "set_from_header",
};

static bool take_same(struct msmtp *s, struct span word, struct span value)
{
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        if (!span_equal(word, span_of(same[i].word)))
            continue;
        bool global = same[i].kind == GLOBAL || same[i].kind == GLOBAL_PATH;
        size_t section = global ? DRAFT_GLOBAL : s->at->section;
        if (same[i].kind == PATH || same[i].kind == GLOBAL_PATH)
            importing_set_path(s->m, section, same[i].key, value, same[i].word);
        else
            importing_set(s->m, section, same[i].key, value, same[i].word);
        return true;
    }
    for (size_t i = 0; i < sizeof needless / sizeof *needless; i++)
        if (span_equal(word, span_of(needless[i])))
            return true;
    return false;
}

// What has no key of ours, with the reason.
static const struct {
    const char *word, *why;
} refused[] = {
    {"tls_fingerprint", "sendoff pins keys, not certificates: `sendoff check` shows the key "
                        "for tls_pin"},
    {"tls_crl_file", "revocation lists are not read"},
    {"tls_priorities", "OpenSSL's config decides; see tls_min"},
    {"logfile", "sendoff logs to syslog; see log"},
    {"dsn_notify", "sendmail -N says so for each message"},
    {"dsn_return", "sendmail -R says so for each message"},
    {"protocol", "sendoff speaks SMTP only"},
    {"proxy_host", "there are no proxies"},
    {"proxy_port", "there are no proxies"},
    {"socket", "sendoff connects to hosts only"},
    {"ntlmdomain", "write the domain into user: DOMAIN\\user"},
    {"eval", "a config runs no commands"},
};

static void refuse(struct msmtp *s, struct span word, struct span value)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        if (!span_equal(word, span_of(refused[i].word)))
            continue;
        if (value.n && !span_equal(value, SPAN("off")) && !span_equal(value, SPAN("smtp")))
            draft_note(s->m->draft, s->m->file, s->m->line, "%s: not carried over: %s",
                       refused[i].word, refused[i].why);
        return;
    }
    draft_note(s->m->draft, s->m->file, s->m->line, "%.*s: not known", SPAN_ARGS(word));
}

static void on_setting(struct msmtp *s, struct span word, struct span value)
{
    struct msmtp_account *a = s->at;
    if (span_equal(word, SPAN("port")))
        on_port(s, value);
    else if (span_equal(word, SPAN("tls")))
        a->tls = is_on(value);
    else if (span_equal(word, SPAN("tls_starttls")))
        a->starttls = is_on(value);
    else if (span_equal(word, SPAN("tls_certcheck"))) {
        if (!is_on(value))
            draft_note(s->m->draft, s->m->file, s->m->line,
                       "tls_certcheck: not carried over: the certificate is verified; see "
                       "tls_ca_file and tls_pin");
    } else if (span_equal(word, SPAN("tls_trust_file"))) {
        if (value.n && !span_equal(value, SPAN("system")))
            importing_set_path(s->m, a->section, "tls_ca_file", value, "tls_trust_file");
    } else if (span_equal(word, SPAN("auth")))
        on_auth(s, value);
    else if (span_equal(word, SPAN("password")))
        draft_set_password(s->m->draft, a->section, value);
    else if (span_equal(word, SPAN("passwordeval")))
        importing_set_command(s->m, a->section, value, "passwordeval");
    else if (span_equal(word, SPAN("from")))
        on_from(s, value);
    else if (span_equal(word, SPAN("timeout")))
        on_timeout(s, value);
    else if (!take_same(s, word, value))
        refuse(s, word, value);
}

static struct span unquote(struct span value)
{
    if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
        return (struct span){value.p + 1, value.n - 2};
    return value;
}

// With XOAUTH2 and OAUTHBEARER it is a token that the program tells.
static void settle_tokens(struct msmtp *s, const struct msmtp_account *a)
{
    static const char *const keys[][2] = {{"password_command", "token_command"},
                                          {"password_file", "token_file"}};
    struct draft *d = s->m->draft;
    struct span auth = span_of(draft_get(d, a->section, "auth"));
    if (!span_equal(auth, SPAN("XOAUTH2")) && !span_equal(auth, SPAN("OAUTHBEARER")))
        return;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct buf value = BUF_INIT(IMPORTING_LINE_MAX);
        buf_puts(&value, draft_get(d, a->section, keys[i][0]));
        importing_set(s->m, a->section, keys[i][0], SPAN(""), "passwordeval");
        importing_set(s->m, a->section, keys[i][1], buf_span(&value), "passwordeval");
        buf_free(&value);
    }
}

static void finish(struct msmtp *s, struct msmtp_account *a)
{
    enum importing_tls tls = !a->tls       ? IMPORTING_NO_TLS
                             : a->starttls ? IMPORTING_STARTTLS
                                           : IMPORTING_IMPLICIT;
    bool implicit = tls == IMPORTING_IMPLICIT;
    settle_tokens(s, a);
    s->m->line = 0;
    if (a->forced && a->from.n)
        importing_force(s->m, a->section, buf_span(&a->from), "from");
    importing_finish(s->m, a->section, tls, a->port, implicit ? MSMTP_PORT_TLS : MSMTP_PORT);
}

void import_msmtp(struct importing *m, struct span text)
{
    static struct msmtp s;
    struct span line, word;
    s = (struct msmtp){.m = m, .n = 1};
    s.at = &s.accounts[0];
    begin(&s, s.at, SPAN("defaults"), NULL);
    while (importing_line(m, &text, &line)) {
        struct span rest = line;
        if (!span_word(&rest, &word))
            continue;
        rest = span_trim(rest);
        if (span_equal(word, SPAN("account")))
            on_account(&s, rest);
        else if (span_equal(word, SPAN("defaults")))
            s.at = &s.accounts[0];
        else if (s.at)
            on_setting(&s, word, unquote(rest));
        else
            draft_note(m->draft, m->file, m->line,
                       "%.*s: not carried over: write it to the account itself",
                       SPAN_ARGS(word));
    }
    for (size_t i = 0; i < s.n; i++) {
        if (i > 0)
            finish(&s, &s.accounts[i]);
        buf_free(&s.accounts[i].name);
        buf_free(&s.accounts[i].from);
    }
    draft_drop(m->draft, s.accounts[0].section);
}
