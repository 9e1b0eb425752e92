// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "base/process.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_others(void)
{
    if (close_range(STDERR_FILENO + 1, ~0U, 0) == 0)
        return;
    long most = sysconf(_SC_OPEN_MAX);
    for (int fd = STDERR_FILENO + 1; fd < (most > 0 && most < 65536 ? (int)most : 65536); fd++)
        close(fd);
}

bool process_begin(void)
{
    bool has_stdin = fcntl(STDIN_FILENO, F_GETFD) >= 0;
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
            _exit(75); // EX_TEMPFAIL: without descriptors nothing is safe, not even a complaint
    close_others();
    umask(077);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    return has_stdin;
}

const char *process_name(const char *argv0)
{
    const char *slash = argv0 ? strrchr(argv0, '/') : NULL;
    return slash ? slash + 1 : argv0 ? argv0 : "";
}

static sigset_t mask_before;
static bool blocked;

void process_block_signals(void)
{
    sigset_t all;
    sigfillset(&all);
    if (!blocked)
        blocked = sigprocmask(SIG_BLOCK, &all, &mask_before) == 0;
}

void process_unblock_signals(void)
{
    if (blocked)
        sigprocmask(SIG_SETMASK, &mask_before, NULL);
    blocked = false;
}
