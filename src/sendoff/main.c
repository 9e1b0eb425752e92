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
#include "sendoff/call.h"
#include "sendoff/commands.h"

enum { COMPLAINT_MAX = 4096 };

static void set_log(const struct config *config)
{
    static const enum diag_log where[] = {[LOG_TO_SYSLOG] = DIAG_SYSLOG,
                                          [LOG_TO_STDERR] = DIAG_STDERR,
                                          [LOG_TO_JSON] = DIAG_JSON,
                                          [LOG_TO_NONE] = DIAG_NONE};
    diag_log_to(where[config->log]);
}

static int run(struct call *call)
{
    while (call->argc && strcmp(call->argv[0], "-v") == 0) {
        call->verbose = true;
        call->argc--;
        call->argv++;
    }
    if (!call->argc)
        return call_usage(call, "what is to be done? `sendoff help` tells");
    if (strcmp(call->argv[0], "--help") == 0 || strcmp(call->argv[0], "--version") == 0)
        call->argv[0] += 2;
    const struct command *command = commands_named(call, call->argv[0]);
    if (!command)
        return EX_USAGE;
    call_value(call);
    return call_takes(call, "--help") ? commands_help_on(call, command) : command->run(call);
}

int main(int argc, char *argv[])
{
    int given = process_begin_given();
    diag_name("sendoff");
    struct config config;
    struct buf why = BUF_INIT(COMPLAINT_MAX);
    struct call call = {.config = &config,
                        .usable = config_load(&config) == 0,
                        .given = given,
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
