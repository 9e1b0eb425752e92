// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/pass/flush.h"

#include <stdlib.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/io.h"
#include "base/signals.h"
#include "sendoff/pass/serve.h"
#include "sendoff/spools/login.h"

// In system mode whoever can not act for all users says whose mail he leaves (HAZARDS 12).
static void note_others(struct pass *p)
{
    if (p->config->mode != CONFIG_SYSTEM || identity_may_change())
        return;
    p->result->only_own = true;
    diag_log(LOG_NOTICE, "only the mail of uid %lu is served: %s", (unsigned long)geteuid(),
             geteuid() ? "that of others is root's to send"
                       : "this process may not change its uid");
}

static void begin(struct pass *p, const struct config *config,
                  const struct flush_options *options)
{
    p->config = config;
    p->account = config_account(config, "");
    p->options = options;
    p->patient_until = clock_steady() + options->patience;
    p->schedule = (struct schedule){.first = config->retry_first,
                                    .longest = config->retry_longest};
    p->signals = signals_open();
    p->wants_login = login_is_wanted(config, p->account);
    p->domain = (struct buf)BUF_INIT(1024);
    if (!config_domain(config, &p->domain))
        buf_clear(&p->domain);
}

int flush(const struct config *config, const struct flush_options *options,
          struct flush_result *result, struct buf *why)
{
    struct account memory = {.fd = -1};
    struct pass *p = calloc(1, sizeof *p);
    if (!p) {
        buf_puts(why, "out of memory");
        return EX_TEMPFAIL;
    }
    *result = (struct flush_result){0};
    p->result = result;
    p->why = why;
    p->memory = &memory;
    p->pass_lock = -1;
    begin(p, config, options);
    note_others(p);
    if (options->progress)
        progress_begin(&p->progress);
    serve(p);
    progress_end(&p->progress);
    io_close(p->signals);
    buf_free(&p->domain);
    int status = p->status;
    free(p);
    return status;
}
