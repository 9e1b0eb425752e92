// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/check/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/io.h"
#include "message/envelope.h"
#include "paths.h"
#include "sendoff/bell/leave.h"
#include "sendoff/check/checkbell.h"
#include "sendoff/check/checklocal.h"
#include "sendoff/check/checkqueue.h"
#include "sendoff/check/example.h"
#include "sendoff/check/testmail.h"

enum {
    SUBMIT_PATIENCE = 15 * 60 * 1000, // milliseconds; it has deadlines of its own
    LINE_LONGEST = 8192
};

// Passes on what it says, line by line, as it comes.
static void relay(struct checkup *c, int fd)
{
    struct buf text = BUF_INIT(2 * LINE_LONGEST);
    char piece[LINE_LONGEST];
    ssize_t got;
    while ((got = io_read(fd, piece, sizeof piece)) > 0) {
        buf_put(&text, piece, (size_t)got);
        for (;;) {
            const char *end = text.n ? memchr(text.p, '\n', text.n) : NULL;
            if (!end)
                break;
            size_t n = (size_t)(end - text.p);
            checkup_relay(c, (struct span){text.p, n});
            buf_drop(&text, n + 1);
        }
        if (text.over || text.n > LINE_LONGEST)
            buf_clear(&text);
    }
    buf_free(&text);
}

// Whom the dry run goes to: somebody who expects mail from here.
static const char *example_recipient(const struct config *config, const char *send,
                                     const char *sender)
{
    if (*send)
        return send;
    return config->local_to[0] ? config->local_to : sender;
}

// The steps that need the network and the secret.
static void check_account(struct checkup *c, const struct config *config, const char *send)
{
    const struct config_account *account = config_account(config, "");
    struct buf sender = BUF_INIT(ENVELOPE_ADDRESS_MAX);
    int ends[2];
    (void)example_envelope(config, account, &sender);
    const char *from = buf_str(&sender);
    const char *argv[] = {PATH_SUBMIT,  "--check",     "--from",
                          from,         "--to",        example_recipient(config, send, from),
                          config->path, account->name, NULL};
    size_t before = c->failed;
    pid_t pid = -1;
    if (pipe2(ends, O_CLOEXEC) == 0) {
        pid = child_start(argv, STDIN_FILENO, ends[1]);
        io_close(ends[1]);
    } else {
        ends[0] = -1;
    }
    if (pid < 0) {
        checkup_fail(c, "submit", PATH_SUBMIT, "it can not be started: install it again",
                     EX_CONFIG);
    } else {
        relay(c, ends[0]);
        int status = child_end(pid, clock_steady() + SUBMIT_PATIENCE);
        // It says itself what failed; where it did not, it could not.
        if (!WIFEXITED(status) || (WEXITSTATUS(status) && c->failed == before))
            checkup_fail(c, "submit", "it broke down", "", EX_SOFTWARE);
        else
            checkup_status(c, WEXITSTATUS(status));
    }
    io_close(ends[0]);
    buf_free(&sender);
}

void check(struct checkup *c, const struct config *config, bool usable, const char *send)
{
    checklocal_config(c, config, usable);
    bool opened = checklocal_spool(c, config);
    checklocal_root(c, config);
    checklocal_domain(c, config);
    checklocal_aliases(c, config);
    checklocal_recipients(c, config);
    if (usable) {
        checklocal_sender(c, config);
        if (leave_of(config, config_account(config, "")) == LEAVE_NONE)
            checkup_note(c, "account",
                         "the account is root's, who sends for all: root's own check tells of "
                         "the secret, the network and the login");
        else
            check_account(c, config, send);
    }
    checkbell(c, config);
    if (opened)
        checkqueue(c, config);
    if (usable && *send && !c->failed)
        testmail(c, config, send);
}

static int print_config(struct call *call)
{
    struct buf text = BUF_INIT(65536);
    config_print(call->config, &text);
    fputs(buf_str(&text), stdout);
    buf_free(&text);
    return call->usable ? EX_OK : call_unusable(call);
}

int check_command(struct call *call)
{
    struct checkup c;
    bool json = false, print = false;
    const char *send = "";
    while (call->argc) {
        if (call_takes(call, "--json"))
            json = true;
        else if (call_takes(call, "--print"))
            print = true;
        else if (call_takes(call, "--send") && call->argc)
            send = call_value(call);
        else
            return call_usage(call, "check takes --print, --json and --send ADDRESS");
    }
    if (print)
        return print_config(call);
    checkup_init(&c, json);
    check(&c, call->config, call->usable, send);
    checkup_end(&c);
    return c.status;
}
