// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/setup/import_nullmailer.h"

#include <string.h>

enum { SMTP_PORT = 25, SMTPS_PORT = 465, PORT_MAX = 65535 };

const char *const import_nullmailer_names[] = {
    "me",        "defaulthost", "defaultdomain", "helohost", "adminaddr",      "allmailfrom",
    "pausetime", "maxpause",    "queuelifetime", "bounceto", "doublebounceto", NULL};

// The next word as a shell would read it; false at the end.
static bool next_word(struct span *rest, struct buf *word)
{
    char quote = '\0';
    size_t i = 0;
    buf_clear(word);
    while (rest->n && text_is_blank(rest->p[0]))
        *rest = (struct span){rest->p + 1, rest->n - 1};
    if (!rest->n)
        return false;
    for (; i < rest->n && (quote || !text_is_blank(rest->p[i])); i++) {
        char c = rest->p[i];
        if (quote ? c == quote : c == '\'' || c == '"')
            quote = quote ? '\0' : c;
        else if (c == '\\' && quote != '\'' && i + 1 < rest->n)
            buf_putc(word, rest->p[++i]);
        else
            buf_putc(word, c);
    }
    *rest = (struct span){rest->p + i, rest->n - i};
    return true;
}

struct remote {
    struct importing *m;
    size_t section;
    enum importing_tls tls;
    unsigned port;
};

static void on_option(struct remote *r, struct span option)
{
    static const struct {
        const char *word, *key;
        bool path;
    } same[] = {{"user", "user", false},
                {"source", "source_address", false},
                {"x509certfile", "tls_cert", true},
                {"x509keyfile", "tls_key", true},
                {"x509cafile", "tls_ca_file", true}};
    struct importing *m = r->m;
    struct span word, value = option;
    uint64_t port;
    (void)span_cut(&value, '=', &word);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        if (!span_equal(word, span_of(same[i].word)))
            continue;
        if (same[i].path)
            importing_set_path(m, r->section, same[i].key, value, same[i].word);
        else
            importing_set(m, r->section, same[i].key, value, same[i].word);
        return;
    }
    if (span_equal(word, SPAN("pass")))
        draft_set_password(m->draft, r->section, value);
    else if (span_equal(word, SPAN("port")) && text_number(value, PORT_MAX, &port))
        r->port = (unsigned)port;
    else if (span_equal(word, SPAN("tls")) || span_equal(word, SPAN("ssl")))
        r->tls = IMPORTING_IMPLICIT;
    else if (span_equal(word, SPAN("starttls")))
        r->tls = IMPORTING_STARTTLS;
    else if (span_equal(word, SPAN("auth-login")))
        importing_set(m, r->section, "auth", SPAN("LOGIN"), "auth-login");
    else if (span_equal(word, SPAN("insecure")) || span_equal(word, SPAN("tls-anon-auth")))
        draft_note(m->draft, m->file, m->line,
                   "%.*s: not carried over: the certificate is verified; see tls_ca_file and "
                   "tls_pin",
                   SPAN_ARGS(word));
    else
        draft_note(m->draft, m->file, m->line, "%.*s: not carried over", SPAN_ARGS(word));
}

static void on_remote(struct importing *m, struct span line)
{
    struct buf word = BUF_INIT(IMPORTING_LINE_MAX);
    struct remote r = {.m = m};
    unsigned number = m->line;
    if (next_word(&line, &word)) {
        r.section = draft_account(m->draft, SPAN("smarthost"));
        importing_set(m, r.section, "host", buf_span(&word), "host");
    }
    if (next_word(&line, &word) && !span_equal(buf_span(&word), SPAN("smtp")))
        draft_note(m->draft, m->file, m->line, "%s: sendoff speaks SMTP only", buf_str(&word));
    while (next_word(&line, &word)) {
        struct span option = buf_span(&word);
        if (option.n > 2 && option.p[0] == '-' && option.p[1] == '-')
            option = (struct span){option.p + 2, option.n - 2};
        on_option(&r, option);
    }
    if (word.p)
        explicit_bzero(word.p, word.size);
    buf_free(&word);
    importing_finish(m, r.section, r.tls, r.port,
                     r.tls == IMPORTING_IMPLICIT ? SMTPS_PORT : SMTP_PORT);
    m->line = number;
}

void import_nullmailer(struct importing *m, struct span remotes)
{
    struct span line;
    while (importing_line(m, &remotes, &line)) {
        if (draft_count(m->draft) == 2)
            draft_note(m->draft, m->file, m->line,
                       "mail goes by the first account only; to try several hosts in turn, "
                       "name them in its `host`");
        on_remote(m, line);
    }
    if (draft_count(m->draft) == 1)
        draft_note(m->draft, m->file, 0, "there is no remote");
}

static void set_seconds(struct importing *m, const char *key, struct span value,
                        const char *name)
{
    struct buf text = BUF_INIT(64);
    buf_put_span(&text, value);
    buf_putc(&text, 's');
    importing_set(m, DRAFT_GLOBAL, key, buf_span(&text), name);
    buf_free(&text);
}

// What `me` and the like have given may lack its domain.
static void complete_domain(struct importing *m, struct span value)
{
    struct buf domain = BUF_INIT(1024);
    const char *host = draft_get(m->draft, DRAFT_GLOBAL, "domain");
    buf_puts(&domain, host);
    if (*host && !strchr(host, '.')) {
        buf_putc(&domain, '.');
        buf_put_span(&domain, value);
        importing_set(m, DRAFT_GLOBAL, "domain", buf_span(&domain), "defaultdomain");
    }
    buf_free(&domain);
}

bool import_nullmailer_beside(struct importing *m, const char *name, struct span text)
{
    struct draft *d = m->draft;
    struct span value;
    m->line = 0;
    if (!importing_line(m, &text, &value))
        return false;
    if (!strcmp(name, "me") || !strcmp(name, "defaulthost"))
        importing_set(m, DRAFT_GLOBAL, "domain", value, name);
    else if (!strcmp(name, "defaultdomain"))
        complete_domain(m, value);
    else if (!strcmp(name, "helohost"))
        for (size_t i = 1; i < draft_count(d); i++)
            importing_set(m, i, "helo", value, name);
    else if (!strcmp(name, "adminaddr"))
        importing_set(m, DRAFT_GLOBAL, "local_to", value, name);
    else if (!strcmp(name, "allmailfrom"))
        for (size_t i = 1; i < draft_count(d); i++)
            importing_force(m, i, value, name);
    else if (!strcmp(name, "pausetime"))
        set_seconds(m, "retry_first", value, name);
    else if (!strcmp(name, "maxpause"))
        set_seconds(m, "retry_longest", value, name);
    else if (!strcmp(name, "queuelifetime"))
        set_seconds(m, "expire", value, name);
    else if (!strcmp(name, "bounceto") || !strcmp(name, "doublebounceto"))
        importing_set(m, DRAFT_GLOBAL, "bounce_to", value, name);
    else
        return false;
    return true;
}
