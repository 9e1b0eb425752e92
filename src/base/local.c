// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "base/local.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/port.h"

enum {
    LOCAL_NAP = 10,     // milliseconds until a full queue is tried again
    LOCAL_PIECE = 5000, // of one wait: poll does not count suspended time
};

static int fill_address(struct sockaddr_un *address, const char *path)
{
    size_t n = strlen(path);
    if (n >= sizeof address->sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->sun_path, path, n);
    return 0;
}

static int make_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

int local_listen(const char *path)
{
    struct sockaddr_un address;
    if (fill_address(&address, path))
        return -1;
    int fd = make_socket();
    if (fd < 0)
        return -1;
    // Open to all only once it listens: until then a client would be told that nobody does.
    if ((unlink(path) && errno != ENOENT) ||
        bind(fd, (const struct sockaddr *)&address, sizeof address) || listen(fd, SOMAXCONN) ||
        chmod(path, 0666)) {
        io_close(fd);
        return -1;
    }
    return fd;
}

static bool has_option(int fd, int option, int value)
{
    int got = 0;
    socklen_t n = sizeof got;
    return getsockopt(fd, SOL_SOCKET, option, &got, &n) == 0 && got == value;
}

bool local_is_listening(int fd)
{
    struct sockaddr_un address = {.sun_family = AF_UNSPEC};
    socklen_t n = sizeof address;
    return getsockname(fd, (struct sockaddr *)&address, &n) == 0 &&
           address.sun_family == AF_UNIX && has_option(fd, SO_TYPE, SOCK_STREAM) &&
           has_option(fd, SO_ACCEPTCONN, 1);
}

int local_accept(int fd)
{
    int peer;
    do
        peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    while (peer < 0 && (errno == EINTR || errno == ECONNABORTED));
    return peer;
}

int local_peer(int fd, uid_t *uid)
{
    return port_peer(fd, uid);
}

int local_connect(const char *path, int64_t deadline)
{
    struct sockaddr_un address;
    if (fill_address(&address, path))
        return -1;
    int fd = make_socket();
    while (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address)) {
        if ((errno != EAGAIN && errno != EINTR) || clock_steady() >= deadline) {
            io_close(fd);
            return -1;
        }
        poll(NULL, 0, LOCAL_NAP);
    }
    return fd;
}

ssize_t local_send(int fd, const void *p, size_t n)
{
    ssize_t put;
    do
        put = send(fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (put < 0 && errno == EINTR);
    return put;
}

ssize_t local_receive(int fd, void *p, size_t n)
{
    ssize_t got;
    do
        got = recv(fd, p, n, MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    return got;
}

short local_wait(int fd, short events, int64_t deadline)
{
    for (;;) {
        int64_t left = deadline - clock_steady();
        struct pollfd p = {.fd = fd, .events = events};
        if (poll(&p, 1, left < 0 ? 0 : left < LOCAL_PIECE ? (int)left : LOCAL_PIECE) > 0)
            return p.revents;
        if (left <= 0) {
            errno = ETIMEDOUT;
            return 0;
        }
    }
}
