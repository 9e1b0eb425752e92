// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/setup/setupfind.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/io.h"
#include "config/value.h"
#include "paths.h"

enum { FIND_PATIENCE = 20 * 1000, FIND_MAX = 16384 }; // milliseconds, octets

bool setupfind_line(struct span line, struct setup_found *f)
{
    struct span where;
    uint64_t port;
    bool good = span_word(&line, &f->host) && span_word(&line, &f->port) &&
                span_word(&line, &f->tls) && span_word(&line, &where);
    if (!good || !value_is_domain(f->host) || !text_number(f->port, 65535, &port))
        return false;
    f->within = span_equal(where, SPAN("within"));
    return span_equal(f->tls, SPAN("starttls")) || span_equal(f->tls, SPAN("implicit"));
}

const struct provider *setupfind_provider(struct span line, struct span *host)
{
    struct span word, more;
    if (!span_word(&line, &word) || !span_equal(word, SPAN("mx")) || !span_word(&line, host) ||
        span_word(&line, &more) || !value_is_domain(*host))
        return NULL;
    return provider_of_exchanger(*host);
}

static void ask_dns(const char *domain, struct buf *text)
{
    const char *argv[] = {PATH_SUBMIT, "--find", domain, NULL};
    char piece[4096];
    ssize_t got;
    int ends[2], null = io_open(AT_FDCWD, "/dev/null", O_RDWR, 0);
    if (null < 0 || pipe2(ends, O_CLOEXEC)) {
        io_close(null);
        return;
    }
    pid_t pid = child_start_captured(argv, (const char *const *)environ, ends[1], null);
    io_close(ends[1]);
    io_close(null);
    while (pid >= 0 && (got = io_read(ends[0], piece, sizeof piece)) > 0)
        buf_put(text, piece, (size_t)got);
    io_close(ends[0]);
    if (pid >= 0)
        child_end(pid, clock_steady() + FIND_PATIENCE);
}

// Whether he who knows agrees, where the domain itself does not vouch for the host.
static int agree(struct setup_plan *plan, const struct setup_found *f, const char *domain,
                 bool *agreed)
{
    struct buf question = BUF_INIT(1024);
    bool ask = plan->prompt->there && !plan->options->yes;
    int status = 0;
    *agreed = f->within;
    if (!f->within && ask) {
        buf_printf(&question,
                   "DNS names %.*s for %s, which is of another domain, and DNS can be forged.\n"
                   "Is that your provider's?",
                   SPAN_ARGS(f->host), domain);
        if (prompt_yes(plan->prompt, buf_str(&question), false, agreed) != PROMPT_GIVEN) {
            buf_puts(&plan->problem, "given up: nothing was written");
            status = EX_TEMPFAIL;
        }
    }
    buf_free(&question);
    return status;
}

// The servers that the domain itself names.
static int take_server(struct setup_plan *plan, struct span answer, const char *domain,
                       struct buf *host)
{
    struct span line;
    bool agreed = false;
    int status = 0;
    while (!status && !agreed && span_cut(&answer, '\n', &line)) {
        struct setup_found f;
        if (!setupfind_line(line, &f))
            continue;
        status = agree(plan, &f, domain, &agreed);
        if (status || !agreed)
            continue;
        buf_put_span(host, f.host);
        buf_clear(&plan->port);
        buf_put_span(&plan->port, f.port);
        buf_clear(&plan->tls);
        buf_put_span(&plan->tls, f.tls);
    }
    return status;
}

// Who takes the mail in, most likely takes it out. It is proposed, and not more: DNS can be
// forged, and mail may come in by another way than it goes out.
static void propose_provider(const struct setup_plan *plan, struct span answer,
                             const char *domain, struct buf *host)
{
    struct span line, exchanger;
    while (!host->n && span_cut(&answer, '\n', &line)) {
        const struct provider *p = setupfind_provider(line, &exchanger);
        if (!p)
            continue;
        printf("Mail for %s is taken in by %.*s: %s.\n", domain, SPAN_ARGS(exchanger),
               p->title);
        if (plan->prompt->there && !plan->options->yes)
            buf_puts(host, p->name);
        else
            printf("Nobody can be asked whether it sends, too: if so, say --provider %s.\n",
                   p->name);
        return;
    }
}

int setupfind(struct setup_plan *plan, struct buf *host)
{
    const char *at = strrchr(buf_str(&plan->address), '@');
    struct buf text = BUF_INIT(FIND_MAX);
    if (!at)
        return 0;
    printf("Asking DNS for the smarthost of %s ...\n", at + 1);
    fflush(stdout);
    ask_dns(at + 1, &text);
    int status = take_server(plan, buf_span(&text), at + 1, host);
    if (!status && !host->n) {
        puts(text.n ? "It names none that can be trusted." : "It names none.");
        propose_provider(plan, buf_span(&text), at + 1, host);
    }
    buf_free(&text);
    return status;
}
