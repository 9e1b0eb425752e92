// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/bell/round.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/io.h"
#include "sendoff/bell/duetime.h"

enum { WHY_MAX = 4096, SECURITY = 7 }; // SECURITY: the subject of X.7.Y (RFC 3463, 3.8)

// All of the child's life.
static void make_pass(const struct config *config, const struct flush_options *options,
                      bool plan, int to)
{
    struct buf why = BUF_INIT(WHY_MAX);
    struct flush_result result = {0};
    struct round_report report = {.status = flush(config, options, &result, &why)};
    if (report.status && !result.busy && why.n)
        diag_log(LOG_ERR, "%s", buf_str(&why));
    report.left = result.left + result.counts.trouble;
    report.busy = result.busy;
    report.trouble = result.line_trouble;
    report.refused = result.line_trouble && result.line.code &&
                     result.line.status[1] == SECURITY;
    report.next = plan ? duetime(config, clock_wall()) : INT64_MAX;
    // Who does not read it has ended.
    if (io_write(to, &report, sizeof report))
        errno = 0;
    buf_free(&why);
}

int round_begin(struct round *r, const struct config *config,
                const struct flush_options *options, bool plan, const int *inherited, size_t n)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC))
        return -1;
    *r = (struct round){.pid = fork(), .pipe = ends[0]};
    if (r->pid == 0) {
        sigset_t none;
        sigemptyset(&none);
        for (size_t i = 0; i < n; i++)
            io_close(inherited[i]);
        sigprocmask(SIG_SETMASK, &none, NULL);
        make_pass(config, options, plan, ends[1]);
        _exit(EX_OK);
    }
    io_close(ends[1]);
    if (r->pid > 0)
        return 0;
    io_close(ends[0]);
    *r = ROUND_NONE;
    return -1;
}

struct round_report round_end(struct round *r, int status)
{
    struct round_report report;
    if (io_read(r->pipe, &report, sizeof report) != (ssize_t)sizeof report ||
        !WIFEXITED(status)) {
        report = (struct round_report){.status = EX_SOFTWARE, .left = 1, .next = INT64_MAX};
        diag_log(LOG_ERR, "a pass broke down");
    }
    io_close(r->pipe);
    *r = ROUND_NONE;
    return report;
}
