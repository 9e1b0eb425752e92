// SPDX-License-Identifier: ISC
#include "sendoff/setup/import_dma.h"

#include <string.h>

enum { DMA_PORT = 25, PORT_MAX = 65535, DMA_SECTION = 1 };

struct dma {
    struct importing *m;
    bool secure, starttls;
    unsigned port;
};

static void on_mailname(struct dma *s, struct span value)
{
    if (value.n && value.p[0] == '/' && !span_equal(value, SPAN("/etc/mailname")))
        draft_note(s->m->draft, s->m->file, s->m->line,
                   "MAILNAME: not carried over: write what is in that file to `domain`");
    else if (value.n && value.p[0] != '/')
        importing_set(s->m, DRAFT_GLOBAL, "domain", value, "MAILNAME");
}

// "user@host", or "host" alone: then the user stays.
static void on_masquerade(struct dma *s, struct span value)
{
    struct buf from = BUF_INIT(IMPORTING_LINE_MAX);
    const char *at = value.n ? memchr(value.p, '@', value.n) : NULL;
    if (!at)
        buf_puts(&from, "%u@");
    buf_put_span(&from, value);
    if (at && at == value.p + value.n - 1)
        draft_note(s->m->draft, s->m->file, s->m->line,
                   "MASQUERADE: not carried over: write the whole address to `from`");
    else if (value.n)
        importing_force(s->m, DMA_SECTION, buf_span(&from), "MASQUERADE");
    buf_free(&from);
}

// What has no key of ours, with the reason; NULL: nothing is lost.
static const struct {
    const char *word, *why;
} refused[] = {
    {"FINGERPRINT", "sendoff pins keys, not certificates: `sendoff check` shows the key for "
                    "tls_pin"},
    {"OPPORTUNISTIC_TLS", "with tls = starttls there is no mail without TLS"},
    {"INSECURE", "no password goes over a line without TLS, but to loopback"},
    {"SPOOLDIR", "the queue is another one; send what is in dma's with `dma -q` first"},
    {"FULLBOUNCE", "reports carry the header"},
    {"NULLCLIENT", "aliases and local_to hold for bare names; for none, set aliases to an "
                   "empty file"},
    {"SECURE", NULL},
    {"VERIFYCERT", NULL},
};

static void refuse(struct dma *s, struct span word)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        if (!span_equal(word, span_of(refused[i].word)))
            continue;
        if (refused[i].why)
            draft_note(s->m->draft, s->m->file, s->m->line, "%s: not carried over: %s",
                       refused[i].word, refused[i].why);
        return;
    }
    draft_note(s->m->draft, s->m->file, s->m->line, "%.*s: not known", SPAN_ARGS(word));
}

static void on_setting(struct dma *s, struct span word, struct span value,
                       struct buf *auth_path)
{
    uint64_t port;
    if (span_equal(word, SPAN("SMARTHOST")))
        importing_set(s->m, DMA_SECTION, "host", value, "SMARTHOST");
    else if (span_equal(word, SPAN("PORT")) && text_number(value, PORT_MAX, &port))
        s->port = (unsigned)port;
    else if (span_equal(word, SPAN("ALIASES")))
        importing_set_path(s->m, DRAFT_GLOBAL, "aliases", value, "ALIASES");
    else if (span_equal(word, SPAN("AUTHPATH"))) {
        buf_clear(auth_path);
        buf_put_span(auth_path, value);
    } else if (span_equal(word, SPAN("SECURETRANSFER")))
        s->secure = true;
    else if (span_equal(word, SPAN("STARTTLS")))
        s->starttls = true;
    else if (span_equal(word, SPAN("CERTFILE")) && value.n)
        importing_set_path(s->m, DMA_SECTION, "tls_cert", value, "CERTFILE");
    else if (span_equal(word, SPAN("DEFER")))
        importing_set(s->m, DRAFT_GLOBAL, "deliver", SPAN("queue"), "DEFER");
    else if (span_equal(word, SPAN("MAILNAME")))
        on_mailname(s, value);
    else if (span_equal(word, SPAN("MASQUERADE")))
        on_masquerade(s, value);
    else
        refuse(s, word);
}

void import_dma(struct importing *m, struct span text, struct buf *auth_path)
{
    struct dma s = {.m = m};
    struct span line, word;
    (void)draft_account(m->draft, SPAN("smarthost"));
    while (importing_line(m, &text, &line)) {
        struct span rest = line;
        if (span_word(&rest, &word))
            on_setting(&s, word, span_trim(rest), auth_path);
    }
    importing_finish(m, DMA_SECTION,
                     s.starttls && s.secure ? IMPORTING_STARTTLS
                     : s.secure             ? IMPORTING_IMPLICIT
                                            : IMPORTING_NO_TLS,
                     s.port, DMA_PORT);
}

void import_dma_auth(struct importing *m, struct span text)
{
    struct span line, user, host;
    m->line = 0;
    while (importing_line(m, &text, &line)) {
        bool cut = span_cut(&line, '|', &user) && line.p && span_cut(&line, ':', &host) &&
                   line.p != NULL;
        if (!cut) {
            draft_note(m->draft, m->file, m->line, "no line of auth.conf");
        } else if (!span_equal_nocase(host,
                                      span_of(draft_get(m->draft, DMA_SECTION, "host")))) {
            draft_note(m->draft, m->file, m->line, "not carried over: it is for another host");
        } else {
            importing_set(m, DMA_SECTION, "user", user, "user");
            importing_set(m, DMA_SECTION, "auth", SPAN(""), "auth");
            draft_set_password(m->draft, DMA_SECTION, line);
            importing_protect(m, DMA_SECTION);
        }
    }
}
