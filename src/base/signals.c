// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "base/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/io.h"
#include "base/port.h"

static const int ends[] = {SIGTERM, SIGINT, SIGHUP};
enum { ENDS = sizeof ends / sizeof *ends };

#if PORT_LINUX
#include <sys/signalfd.h>

static int take(bool children)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < ENDS; i++)
        sigaddset(&set, ends[i]);
    if (children)
        sigaddset(&set, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &set, NULL))
        return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int signals_next(int fd)
{
    struct signalfd_siginfo info;
    return io_read(fd, &info, sizeof info) == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

#else

// The handler writes the signal's number into a pipe of ours. What finds the pipe full is lost,
// but then there is enough to read.
static int bell = -1;

static void tell(int number)
{
    int kept = errno;
    unsigned char octet = (unsigned char)number;
    if (write(bell, &octet, 1) < 0) {
        // Nobody could be told.
    }
    errno = kept;
}

static int handle(int number)
{
    struct sigaction action = {.sa_handler = tell, .sa_flags = SA_RESTART};
    sigset_t one;
    sigemptyset(&action.sa_mask);
    sigemptyset(&one);
    sigaddset(&one, number);
    return sigaction(number, &action, NULL) || sigprocmask(SIG_UNBLOCK, &one, NULL) ? -1 : 0;
}

static int take(bool children)
{
    int pair[2];
    if (pipe2(pair, O_CLOEXEC | O_NONBLOCK))
        return -1;
    io_close(bell);
    bell = pair[1];
    for (size_t i = 0; i < ENDS + (children ? 1 : 0); i++) {
        if (handle(i < ENDS ? ends[i] : SIGCHLD)) {
            io_close(pair[0]);
            return -1;
        }
    }
    return pair[0];
}

int signals_next(int fd)
{
    unsigned char octet;
    return io_read(fd, &octet, 1) == 1 ? octet : 0;
}

#endif

int signals_open(void)
{
    return take(false);
}

int signals_open_with_children(void)
{
    return take(true);
}

bool signals_came(int fd)
{
    bool any = false;
    while (signals_next(fd))
        any = true;
    return any;
}
