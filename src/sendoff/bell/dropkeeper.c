// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/bell/dropkeeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/io.h"
#include "paths.h"

enum { PAUSE = 30 * 1000 }; // milliseconds before one that ended is started again

void dropkeeper_signal(const struct dropkeeper *k, int sig)
{
    if (k->pid)
        kill(k->pid, sig);
}

void dropkeeper_ended(struct dropkeeper *k)
{
    io_close(k->leash);
    *k = (struct dropkeeper){.leash = -1, .at = clock_steady() + PAUSE};
}

// By a pipe and not by the signal that Linux has for it (PR_SET_PDEATHSIG): the kernel forgets
// that one when the drop becomes its account, and other systems have none.
void dropkeeper_start(struct dropkeeper *k)
{
    static const char *const argv[] = {PATH_SENDOFF, "drop", "--until-eof", NULL};
    int ends[2];
    pid_t pid = -1;
    *k = DROPKEEPER_NONE;
    if (pipe2(ends, O_CLOEXEC) == 0) {
        pid = child_start(argv, ends[0], STDOUT_FILENO);
        k->leash = ends[1];
        io_close(ends[0]);
    }
    if (pid > 0) {
        k->pid = pid;
        return;
    }
    diag_log(LOG_ERR, "%s drop: can not be started: %s", PATH_SENDOFF, strerror(errno));
    dropkeeper_ended(k);
}
