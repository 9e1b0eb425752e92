// SPDX-License-Identifier: ISC
#include "sendoff/setup/import_ssmtp.h"

#include <string.h>

enum { SSMTP_PORT = 25, PORT_MAX = 65535 };

struct ssmtp {
    struct importing *m;
    size_t section;
    bool tls, starttls, override;
    unsigned port;
    struct buf domain, hostname;
};

static bool is_yes(struct span value)
{
    return span_equal_nocase(value, SPAN("yes")) || span_equal_nocase(value, SPAN("on")) ||
           span_equal_nocase(value, SPAN("true")) || span_equal(value, SPAN("1"));
}

static void on_root(struct ssmtp *s, struct span value)
{
    if (value.n && memchr(value.p, '@', value.n))
        importing_set(s->m, DRAFT_GLOBAL, "local_to", value, "root");
    else if (value.n)
        draft_note(s->m->draft, s->m->file, s->m->line,
                   "root: not carried over: local_to wants an address with a domain");
}

static void on_mailhub(struct ssmtp *s, struct span value)
{
    struct span host, port = value;
    uint64_t number;
    (void)span_cut(&port, ':', &host);
    if (port.p && text_number(port, PORT_MAX, &number))
        s->port = (unsigned)number;
    importing_set(s->m, s->section, "host", host, "mailhub");
}

static void keep(struct buf *to, struct span value)
{
    buf_clear(to);
    buf_put_span(to, value);
}

static void on_setting(struct ssmtp *s, struct span word, struct span value)
{
    static const struct {
        const char *word, *key;
    } paths[] = {{"tlscert", "tls_cert"},
                 {"tlskey", "tls_key"},
                 {"tls_ca_file", "tls_ca_file"},
                 {"tls_ca_dir", "tls_ca_dir"}};
    struct draft *d = s->m->draft;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (span_equal_nocase(word, span_of(paths[i].word))) {
            importing_set_path(s->m, s->section, paths[i].key, value, paths[i].word);
            return;
        }
    if (span_equal_nocase(word, SPAN("root")))
        on_root(s, value);
    else if (span_equal_nocase(word, SPAN("mailhub")))
        on_mailhub(s, value);
    else if (span_equal_nocase(word, SPAN("rewritedomain")))
        keep(&s->domain, value);
    else if (span_equal_nocase(word, SPAN("hostname")))
        keep(&s->hostname, value);
    else if (span_equal_nocase(word, SPAN("fromlineoverride")))
        s->override = is_yes(value);
    else if (span_equal_nocase(word, SPAN("usetls")))
        s->tls = is_yes(value);
    else if (span_equal_nocase(word, SPAN("usestarttls")))
        s->starttls = is_yes(value);
    else if (span_equal_nocase(word, SPAN("authuser")))
        importing_set(s->m, s->section, "user", value, "AuthUser");
    else if (span_equal_nocase(word, SPAN("authpass")))
        draft_set_password(d, s->section, value);
    else if (span_equal_nocase(word, SPAN("authmethod")))
        importing_set(s->m, s->section, "auth",
                      span_equal_nocase(value, SPAN("cram-md5")) ? SPAN("CRAM-MD5")
                                                                 : SPAN("LOGIN"),
                      "AuthMethod");
    else if (!span_equal_nocase(word, SPAN("usetlscert")) &&
             !span_equal_nocase(word, SPAN("debug")))
        draft_note(d, s->m->file, s->m->line, "%.*s: not known", SPAN_ARGS(word));
}

// Unless From lines are left alone, all mail is from the user at that domain.
static void settle_sender(struct ssmtp *s)
{
    struct buf from = BUF_INIT(IMPORTING_LINE_MAX);
    const struct buf *domain = s->domain.n ? &s->domain : &s->hostname;
    if (domain->n)
        importing_set(s->m, DRAFT_GLOBAL, "domain", buf_span(domain), "rewriteDomain");
    if (s->hostname.n)
        importing_set(s->m, s->section, "helo", buf_span(&s->hostname), "hostname");
    if (!s->override && domain->n) {
        buf_printf(&from, "%%u@%s", buf_str(domain));
        importing_force(s->m, s->section, buf_span(&from), "FromLineOverride=NO");
    }
    buf_free(&from);
}

void import_ssmtp(struct importing *m, struct span text)
{
    struct ssmtp s = {.m = m,
                      .section = draft_account(m->draft, SPAN("smarthost")),
                      .domain = BUF_INIT(1024),
                      .hostname = BUF_INIT(1024)};
    struct span line, word;
    while (importing_line(m, &text, &line)) {
        struct span value = line;
        (void)span_cut(&value, '=', &word);
        if (value.p)
            on_setting(&s, span_trim(word), span_trim(value));
        else
            draft_note(m->draft, m->file, m->line, "no line of ssmtp.conf");
    }
    m->line = 0;
    settle_sender(&s);
    importing_finish(m, s.section,
                     s.starttls ? IMPORTING_STARTTLS
                     : s.tls    ? IMPORTING_IMPLICIT
                                : IMPORTING_NO_TLS,
                     s.port, SSMTP_PORT);
    buf_free(&s.domain);
    buf_free(&s.hostname);
}
