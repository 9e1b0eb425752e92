// SPDX-License-Identifier: ISC
// sendmail(8), also by the names mailq, newaliases and runq.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/process.h"
#include "config/config.h"
#include "paths.h"
#include "sendmail/args.h"
#include "sendmail/dialogue.h"
#include "sendmail/inject.h"
#include "sendmail/newaliases.h"
#include "sendmail/verify.h"

enum { COMPLAINT_MAX = 2048 };

static void set_log(const struct config *config)
{
    // stderr is the caller's, and many take any output for a failure: syslog or nothing.
    diag_log_to(config->log == LOG_TO_NONE ? DIAG_NONE : DIAG_SYSLOG);
    struct span rest = buf_span(&config->ignored), line;
    while (span_cut(&rest, '\n', &line))
        if (line.n)
            diag_log(LOG_WARNING, "config: %.*s", SPAN_ARGS(line));
    if (config->problem.n && config->path[0])
        diag_log(LOG_WARNING, "config: %s", buf_str(&config->problem));
}

// -bs: all complaints are replies, and go to the log.
static int converse(const struct args *a, const struct config *config, struct buf *why)
{
    int status = dialogue(a, config, STDIN_FILENO, STDOUT_FILENO, why);
    if (status)
        diag_log(LOG_WARNING, "%s", buf_str(why));
    buf_clear(why);
    return status;
}

static int take_mail(const struct args *a, bool has_stdin, struct buf *why)
{
    struct config config;
    int status;
    if (!has_stdin) {
        buf_puts(why, "stdin: closed: there is no message");
        return EX_IOERR;
    }
    // A config that can not be used never keeps a message from being queued.
    bool usable = config_load(&config) == 0;
    set_log(&config);
    status = a->job == ARGS_DIALOGUE ? converse(a, &config, why) : inject(a, &config, why);
    if (status && why->n)
        diag_log(LOG_ERR, "not queued: %s%s", buf_str(why),
                 usable ? "" : " (no usable config)");
    config_free(&config);
    return status;
}

// Questions about addresses, that are asked of the config.
static int look_up(const struct args *a, struct buf *why)
{
    struct config config;
    // A config with a problem still names a file.
    if (config_load(&config))
        set_log(&config);
    int status = a->job == ARGS_ALIASES ? newaliases(&config, why) : verify(a, &config, why);
    config_free(&config);
    return status;
}

// sendoff(1) does it, and its exit status is ours.
static int hand_over(const char *command, const struct args *a, struct buf *why)
{
    const char *argv[4 + ARGS_CHOICES_MAX] = {"sendoff"};
    int n = 1;
    if (a->verbose)
        argv[n++] = "-v";
    argv[n++] = command;
    for (size_t i = 0; a->job == ARGS_FLUSH && i < a->n_choices; i++)
        argv[n++] = a->choices[i];
    execv(PATH_SENDOFF, (char *const *)argv);
    buf_printf(why, "%s: can not be run: %s", PATH_SENDOFF, strerror(errno));
    return errno == ENOENT ? EX_UNAVAILABLE : EX_OSERR;
}

static int print(const char *text)
{
    return puts(text) < 0 || fflush(stdout) ? EX_IOERR : EX_OK;
}

static int run(const struct args *a, bool has_stdin, struct buf *why)
{
    switch (a->job) {
    case ARGS_DELIVER:
    case ARGS_DIALOGUE: return take_mail(a, has_stdin, why);
    case ARGS_FLUSH: return hand_over("runq", a, why);
    case ARGS_LIST: return hand_over("mailq", a, why);
    case ARGS_COUNT: return hand_over("count", a, why);
    case ARGS_ALIASES:
    case ARGS_VERIFY: return look_up(a, why);
    case ARGS_NOTHING: return print("no host status: there is one smarthost");
    case ARGS_VERSION: return print("sendoff " SENDOFF_VERSION);
    }
    return EX_SOFTWARE;
}

int main(int argc, char *argv[])
{
    bool has_stdin = process_begin();
    struct args args;
    struct buf why = BUF_INIT(COMPLAINT_MAX);
    diag_name("sendmail");
    int status = args_parse(&args, argc, argv, &why);
    if (!status)
        status = run(&args, has_stdin, &why);
    if (status && why.n)
        diag_warn("%s", buf_str(&why));
    buf_free(&why);
    return status;
}
