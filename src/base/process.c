// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "base/process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/port.h"
#include "base/text.h"

enum { GIVEN_MAX = 16 };

// libc opens files, and loads code, that these name, and it waits where they are FIFOs. Root's
// environment may be what a user's shell has left (`su` keeps most of it), so there they are
// forgotten, and a zone is a name below the system's zones, or nothing.
static void forget_paths(void)
{
    static const char *const names[] = {"GCONV_PATH",  "LOCPATH",     "NLSPATH",
                                        "TZDIR",       "GETCONF_DIR", "RESOLV_HOST_CONF",
                                        "RES_OPTIONS", "LOCALDOMAIN", "HOSTALIASES"};
    const char *zone = getenv("TZ");
    if (geteuid() != 0 && geteuid() == getuid())
        return;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
    if (zone && (zone[zone[0] == ':'] == '/' || strstr(zone, "..")))
        unsetenv("TZ");
}

static bool begin(int given)
{
    bool has_stdin = fcntl(STDIN_FILENO, F_GETFD) >= 0;
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
            _exit(75); // EX_TEMPFAIL: without descriptors nothing is safe, not even a complaint
    port_close_from(PROCESS_GIVEN + given);
    umask(077);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    forget_paths();
    return has_stdin;
}

bool process_begin(void)
{
    return begin(0);
}

// What the environment says counts only where it names this very process, and is not for our
// children (sd_listen_fds(3)).
static int count_given(void)
{
    const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
    uint64_t n = 0, whose = 0;
    bool ours = pid && fds && text_number(span_of(pid), INT32_MAX, &whose) &&
                whose == (uint64_t)getpid() && text_number(span_of(fds), GIVEN_MAX, &n);
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return ours ? (int)n : 0;
}

int process_begin_given(void)
{
    int n = count_given(), good = 0;
    while (good < n && fcntl(PROCESS_GIVEN + good, F_SETFD, FD_CLOEXEC) == 0)
        good++;
    begin(good);
    return good;
}

// A limit that can not be raised stays as it is. The C libraries differ in the type of `which`.
#define RAISE(which)                                                 \
    do {                                                             \
        struct rlimit l;                                             \
        if (getrlimit(which, &l) == 0 && l.rlim_cur != l.rlim_max) { \
            l.rlim_cur = l.rlim_max;                                 \
            setrlimit(which, &l);                                    \
        }                                                            \
    } while (0)

// Not of core dumps, which nobody wants; nor of the stack, where the kernel takes "no limit"
// for a wish to have addresses laid out as they were before they were random.
void process_full_limits(void)
{
    RAISE(RLIMIT_AS);
    RAISE(RLIMIT_CPU);
    RAISE(RLIMIT_DATA);
    RAISE(RLIMIT_FSIZE);
    RAISE(RLIMIT_NOFILE);
    RAISE(RLIMIT_NPROC);
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

void process_abandon(const char *why)
{
    diag_log(LOG_CRIT, "ended: %s", why);
    _exit(75); // EX_TEMPFAIL
}
