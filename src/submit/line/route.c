// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/line/route.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/io.h"

enum { DISCARD = 9 };

bool route_is_barred(int error)
{
    return error == EPERM || error == EACCES || error == EAFNOSUPPORT || error == ENETUNREACH ||
           error == ENETDOWN;
}

// To connect a datagram socket is to look the route up, and no more.
static bool leads_out(const struct sockaddr *to, socklen_t n)
{
    int fd = socket(to->sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool out = fd >= 0 && connect(fd, to, n) == 0;
    // No address to send from is no way either; whatever else is wrong says nothing of it.
    out = out || !(route_is_barred(errno) || errno == EADDRNOTAVAIL);
    io_close(fd);
    return out;
}

bool route_exists(void)
{
    // Addresses of documentation (RFC 5737, RFC 3849): no host has its own route to them.
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(DISCARD)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(DISCARD)};
    inet_pton(AF_INET, "192.0.2.1", &v4.sin_addr);
    inet_pton(AF_INET6, "2001:db8::1", &v6.sin6_addr);
    return leads_out((const struct sockaddr *)&v4, sizeof v4) ||
           leads_out((const struct sockaddr *)&v6, sizeof v6);
}
