// SPDX-License-Identifier: ISC
// sendoff(1): what people and timers run.
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/process.h"
#include "config/config.h"
#include "paths.h"
#include "sendoff/call.h"
#include "sendoff/check/check.h"
#include "sendoff/flushing.h"
#include "sendoff/queue/queueing.h"

enum { COMPLAINT_MAX = 4096 };

static void set_log(const struct config *config)
{
    static const enum diag_log where[] = {[LOG_TO_SYSLOG] = DIAG_SYSLOG,
                                          [LOG_TO_STDERR] = DIAG_STDERR,
                                          [LOG_TO_NONE] = DIAG_NONE};
    diag_log_to(where[config->log]);
}

static int do_check(struct call *call)
{
    if (call->argc == 1 && strcmp(call->argv[0], "--print") == 0) {
        struct buf text = BUF_INIT(65536);
        config_print(call->config, &text);
        fputs(buf_str(&text), stdout);
        buf_free(&text);
        if (!call->usable)
            buf_puts(call->why, buf_str(&call->config->problem));
        return call->usable ? EX_OK : EX_CONFIG;
    }
    if (call->argc)
        return call_usage(call, "check takes --print");
    return check(call->config, call->usable);
}

static int do_version(struct call *call)
{
    (void)call;
    puts("sendoff " SENDOFF_VERSION);
    return EX_OK;
}

static const struct {
    const char *name;
    int (*run)(struct call *call);
} commands[] = {
    {"flush", flushing_flush}, {"queue", queueing_queue}, {"check", do_check},
    {"version", do_version},   {"mailq", queueing_mailq}, {"runq", flushing_runq},
    {"count", queueing_count},
};

static int run(struct call *call)
{
    while (call->argc && strcmp(call->argv[0], "-v") == 0) {
        call->verbose = true;
        call->argc--;
        call->argv++;
    }
    if (!call->argc)
        return call_usage(call, "what is to be done? flush, queue, check or version");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(call->argv[0], commands[i].name) == 0) {
            call->argc--;
            call->argv++;
            return commands[i].run(call);
        }
    }
    buf_printf(call->why, "%s: no such command; see sendoff(1)", call->argv[0]);
    return EX_USAGE;
}

int main(int argc, char *argv[])
{
    process_begin();
    diag_name("sendoff");
    struct config config;
    struct buf why = BUF_INIT(COMPLAINT_MAX);
    struct call call = {.config = &config,
                        .usable = config_load(&config) == 0,
                        .argc = argc ? argc - 1 : 0,
                        .argv = argv + 1,
                        .why = &why};
    set_log(&config);
    int status = run(&call);
    if (fflush(stdout) && !status)
        status = EX_IOERR;
    if (status && why.n)
        diag_warn("%s", buf_str(&why));
    config_free(&config);
    buf_free(&why);
    return status;
}
