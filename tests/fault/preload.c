// SPDX-License-Identifier: ISC
// Preloaded, it makes a host of another kind for a program: with CLOCK_SHIFT the wall clock is
// that many seconds off, as one that was set wrong (those that can not be set stay as they
// are); with NO_RENAMEAT2 the file system has no rename that spares what is there.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static time_t shift(void)
{
    const char *seconds = getenv("CLOCK_SHIFT");
    return seconds ? strtol(seconds, NULL, 10) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    int bad = real(clock, t);
    if (!bad && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        t->tv_sec += shift();
    return bad;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now))
        return -1;
    t->tv_sec = now.tv_sec;
    t->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *t)
{
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now))
        return -1;
    if (t)
        *t = now.tv_sec;
    return now.tv_sec;
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    static int (*real)(int, const char *, int, const char *, unsigned);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "renameat2");
    if (flags && getenv("NO_RENAMEAT2")) {
        errno = EINVAL;
        return -1;
    }
    return real(from_dir, from, to_dir, to, flags);
}
