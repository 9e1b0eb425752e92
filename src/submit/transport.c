// SPDX-License-Identifier: ISC
#include "submit/transport.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static ssize_t plain_read(struct transport *t, void *p, size_t n)
{
    ssize_t got;
    do
        got = recv(t->fd, p, n, 0);
    while (got < 0 && errno == EINTR);
    return got;
}

static ssize_t plain_write(struct transport *t, const void *p, size_t n)
{
    ssize_t put;
    do
        put = send(t->fd, p, n, MSG_NOSIGNAL);
    while (put < 0 && errno == EINTR);
    return put;
}

static short plain_want(struct transport *t, short events)
{
    (void)t;
    return events;
}

static const char *plain_why(struct transport *t, int error)
{
    (void)t;
    return strerror(error);
}

void transport_plain(struct transport *t, int fd)
{
    *t = (struct transport){fd, plain_read, plain_write, plain_want, plain_why};
}
