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

int setupfind(struct setup_plan *plan, struct buf *host)
{
    const char *at = strrchr(buf_str(&plan->address), '@');
    struct buf text = BUF_INIT(FIND_MAX);
    struct span rest, line;
    bool agreed = false;
    int status = 0;
    if (!at)
        return 0;
    printf("Asking DNS for the smarthost of %s ...\n", at + 1);
    fflush(stdout);
    ask_dns(at + 1, &text);
    rest = buf_span(&text);
    while (!status && !agreed && span_cut(&rest, '\n', &line)) {
        struct setup_found f;
        if (!setupfind_line(line, &f))
            continue;
        status = agree(plan, &f, at + 1, &agreed);
        if (status || !agreed)
            continue;
        buf_put_span(host, f.host);
        buf_clear(&plan->port);
        buf_put_span(&plan->port, f.port);
        buf_clear(&plan->tls);
        buf_put_span(&plan->tls, f.tls);
    }
    if (!status && !agreed)
        puts("It names none that can be trusted.");
    buf_free(&text);
    return status;
}
