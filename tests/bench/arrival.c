// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "arrival.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "tool.h"

enum { PAUSE_LEAST = 200, PAUSE_SHARE = 100 }; // microseconds; of the time waited so far

void arrivals_begin(struct arrivals *a, const char *log)
{
    *a = (struct arrivals){.fd = io_open(AT_FDCWD, log, O_RDONLY, 0)};
    if (a->fd < 0 || lseek(a->fd, 0, SEEK_END) < 0)
        tool_die(EX_NOINPUT, log, strerror(errno));
}

static void take(struct arrivals *a, char octet)
{
    if (octet != '\n') {
        if (a->held < sizeof a->line - 1)
            a->line[a->held++] = octet;
        return;
    }
    a->line[a->held] = '\0';
    const char *blank = strchr(a->line, ' ');
    if (blank && strncmp(blank, " message ", 9) == 0)
        a->n++;
    a->held = 0;
}

static void look(struct arrivals *a)
{
    char octets[16384];
    ssize_t got;
    while ((got = io_read(a->fd, octets, sizeof octets)) > 0)
        for (ssize_t i = 0; i < got; i++)
            take(a, octets[i]);
}

static void pause_for(int64_t microseconds)
{
    struct timespec t = {microseconds / 1000000, microseconds % 1000000 * 1000};
    nanosleep(&t, NULL);
}

bool arrivals_wait(struct arrivals *a, uint64_t n, int64_t deadline)
{
    int64_t start = tool_now(), now;
    for (look(a); a->n < n && (now = tool_now()) < deadline; look(a)) {
        int64_t share = (now - start) / PAUSE_SHARE;
        pause_for(share > PAUSE_LEAST ? share : PAUSE_LEAST);
    }
    return a->n >= n;
}

void arrivals_end(struct arrivals *a)
{
    io_close(a->fd);
}
