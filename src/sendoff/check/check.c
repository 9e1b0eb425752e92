// SPDX-License-Identifier: ISC
#include "sendoff/check/check.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "paths.h"
#include "sendoff/check/example.h"
#include "spool/maildir.h"

enum { SUBMIT_PATIENCE = 15 * 60 * 1000 }; // milliseconds; it has deadlines of its own

static void say(bool good, const char *name, const char *text)
{
    printf("%s %s: %s\n", good ? "pass" : "fail", name, text);
}

static void say_search(const struct config *config)
{
    struct span rest = buf_span(&config->search), line;
    while (span_cut(&rest, '\n', &line))
        if (line.n)
            printf("     looked at %.*s\n", SPAN_ARGS(line));
}

// What failed and nobody was told of waits for a person.
static void say_failed(const struct maildir *m)
{
    static const enum maildir_place places[] = {MAILDIR_FAILED_NEW, MAILDIR_FAILED_CUR};
    struct buf names = BUF_INIT(0);
    size_t count = 0;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        ssize_t n = maildir_list(m, places[i], SIZE_MAX, &names);
        count += n > 0 ? (size_t)n : 0;
    }
    printf("     %zu message%s in .failed%s\n", count, count == 1 ? "" : "s",
           count ? ": see sendoff queue" : "");
    buf_free(&names);
}

static bool check_spool(const struct config *config)
{
    struct buf path = BUF_INIT(4096), text = BUF_INIT(8192);
    struct maildir m = MAILDIR_CLOSED;
    bool good = false;
    if (!config_spool(config, &path)) {
        buf_puts(&text, "none: the user has no home, and there is no system spool");
    } else {
        enum maildir_answer answer = maildir_open(&m, buf_str(&path), true);
        good = answer == MAILDIR_OPEN;
        buf_puts(&text, buf_str(&path));
        if (answer == MAILDIR_TROUBLE)
            buf_printf(&text, ": %s", strerror(errno));
        if (answer == MAILDIR_FOREIGN)
            buf_puts(&text, ": not a directory of the user's own with mode 0700: move it away");
    }
    say(good, "spool", buf_str(&text));
    if (good)
        say_failed(&m);
    maildir_close(&m);
    buf_free(&path);
    buf_free(&text);
    return good;
}

static bool check_domain(const struct config *config)
{
    struct buf domain = BUF_INIT(1024);
    bool good = config_domain(config, &domain);
    say(good, "domain", good ? buf_str(&domain) : "none is known: set `domain` in [sendoff]");
    buf_free(&domain);
    return good;
}

static bool check_sender(const struct config *config)
{
    struct buf text = BUF_INIT(8192);
    bool good = example_sender(config, config_account(config, ""), &text);
    say(good, "sender", buf_str(&text));
    buf_free(&text);
    return good;
}

// The steps that need the network and the secret are sendoff-submit's; it prints their lines.
static int check_account(const struct config *config)
{
    const struct config_account *account = config_account(config, "");
    const char *argv[] = {PATH_SUBMIT, "--check", config->path, account->name, NULL};
    fflush(stdout);
    pid_t pid = child_start(argv, STDIN_FILENO, STDOUT_FILENO);
    if (pid < 0) {
        printf("fail submit: %s: %s\n", PATH_SUBMIT, strerror(errno));
        return EX_CONFIG;
    }
    int status = child_end(pid, clock_steady() + SUBMIT_PATIENCE);
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    say(false, "submit", "it broke down");
    return EX_SOFTWARE;
}

int check(const struct config *config, bool usable)
{
    say(usable, "config", usable ? config->path : buf_str(&config->problem));
    say_search(config);
    bool local = check_spool(config);
    local = check_domain(config) && local;
    if (!usable)
        return EX_CONFIG;
    local = check_sender(config) && local;
    int status = check_account(config);
    return status || local ? status : EX_CONFIG;
}
