// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/pass/flush.h"

#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/signals.h"
#include "sendoff/pass/serve.h"
#include "sendoff/spools/spools.h"

// The account is locked for the whole flush: it has one submitter at a time.
static int open_memory(const struct pass *p, struct buf *why)
{
    static const struct timespec nap = {.tv_nsec = 100 * 1000000L};
    struct buf dir = BUF_INIT(4096);
    int64_t deadline = clock_steady() + FLUSH_PATIENCE;
    enum account_answer answer = ACCOUNT_LOST;
    if (config_account_dir(p->config, &dir)) {
        answer = account_open(p->memory, buf_str(&dir), p->account->name);
        while (answer == ACCOUNT_BUSY && clock_steady() < deadline) {
            nanosleep(&nap, NULL);
            answer = account_open(p->memory, buf_str(&dir), p->account->name);
        }
    }
    buf_free(&dir);
    if (answer != ACCOUNT_BUSY)
        return 0;
    buf_printf(why, "account %s: another flush is at work", p->account->name);
    return EX_TEMPFAIL;
}

static int serve_all(struct pass *p, struct buf *why)
{
    struct spools spools;
    int worst = open_memory(p, why);
    if (worst)
        return worst;
    spools_find(&spools, p->config);
    for (size_t i = 0; i < spools.n && !p->stopping; i++) {
        int status = serve(p, buf_str(&spools.path[i]), FLUSH_PATIENCE, why);
        worst = status ? status : worst;
    }
    spools_free(&spools);
    return worst;
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
    p->config = config;
    p->account = config_account(config, "");
    p->options = options;
    p->result = result;
    p->memory = &memory;
    p->signals = signals_open();
    p->domain = (struct buf)BUF_INIT(1024);
    p->login = (struct buf)BUF_INIT(1024);
    p->settlement = (struct settlement){
        .maildir = &p->maildir,
        .schedule = {.first = config->retry_first, .longest = config->retry_longest},
        .expire = config->expire,
        .warn_after = config->warn_after,
        .reports = {.config = config, .account = p->account},
    };
    if (!config_domain(config, &p->domain))
        buf_clear(&p->domain);
    int status = serve_all(p, why);
    account_close(&memory);
    io_close(p->signals);
    buf_free(&p->domain);
    buf_free(&p->login);
    free(p);
    return status;
}
