// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "base/signals.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <sys/types.h>

#include "base/io.h"

int signals_open(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &set, NULL))
        return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool signals_came(int fd)
{
    struct signalfd_siginfo info;
    bool any = false;
    while (io_read(fd, &info, sizeof info) == (ssize_t)sizeof info)
        any = true;
    return any;
}
