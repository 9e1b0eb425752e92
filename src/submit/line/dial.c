// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/line/dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/io.h"
#include "submit/line/resolve.h"
#include "submit/trouble.h"

enum { DIAL_PORT_SUBMISSION = 587, DIAL_PORT_SUBMISSIONS = 465 }; // RFC 8314, 3.3

uint16_t dial_port(const struct config_account *a)
{
    if (a->port)
        return (uint16_t)a->port;
    return a->tls == TLS_IMPLICIT ? DIAL_PORT_SUBMISSIONS : DIAL_PORT_SUBMISSION;
}

static bool is_loopback(const struct sockaddr_storage *s)
{
    if (s->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const void *)s;
        return ntohl(v4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    if (s->ss_family == AF_INET6) {
        const struct in6_addr *v6 = &((const struct sockaddr_in6 *)(const void *)s)->sin6_addr;
        return IN6_IS_ADDR_LOOPBACK(v6) ||
               (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == IN_LOOPBACKNET);
    }
    return false;
}

static void address_text(const struct sockaddr_storage *s, char *to, socklen_t size)
{
    const void *address = s->ss_family == AF_INET6
                              ? (const void *)&((const struct sockaddr_in6 *)s)->sin6_addr
                              : (const void *)&((const struct sockaddr_in *)s)->sin_addr;
    if (!inet_ntop(s->ss_family, address, to, size))
        to[0] = '\0';
}

// Waits for the connection that is under way on fd. 0, or the errno that it came to.
static int finish(int fd, struct wait *w, int64_t deadline, bool *ended)
{
    struct pollfd one = {.fd = fd, .events = POLLOUT};
    int error = 0;
    socklen_t n = sizeof error;
    switch (wait_for(w, &one, 0, deadline)) {
    case WAIT_READY: break;
    case WAIT_LATE: return ETIMEDOUT;
    case WAIT_STOP:
    case WAIT_GONE: *ended = true; return EINTR;
    }
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n))
        return errno;
    return error;
}

// A connection to one address, or -1 and errno.
static int connect_to(const struct sockaddr_storage *address, socklen_t length, struct wait *w,
                      int64_t deadline, bool *ended)
{
    static const int on = 1;
    int error = 0;
    int fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    // Whole groups of commands are written at once: nothing is gained by holding them back.
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, (const struct sockaddr *)address, length))
        error = errno == EINPROGRESS || errno == EINTR ? finish(fd, w, deadline, ended) : errno;
    if (error) {
        io_close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

// Notes who answered; the address is the connected one, not the one that was asked for.
static int identify(struct dial *d, uint16_t port)
{
    struct sockaddr_storage peer = {0};
    socklen_t n = sizeof peer;
    char text[INET6_ADDRSTRLEN];
    if (getpeername(d->fd, (struct sockaddr *)&peer, &n))
        return -1;
    d->loopback = is_loopback(&peer);
    address_text(&peer, text, sizeof text);
    snprintf(d->relay, sizeof d->relay, "%s[%s]:%u", d->host, text, (unsigned)port);
    return 0;
}

// The addresses in turn; each gets its share of the time that is left.
static enum dial_answer connect_in_turn(struct dial *d, const struct addresses *found,
                                        uint16_t port, struct wait *w, int64_t deadline,
                                        struct outcome *trouble)
{
    bool ended = false;
    for (size_t i = 0; i < found->n; i++) {
        char text[INET6_ADDRSTRLEN];
        int64_t now = clock_steady();
        int64_t share = (deadline - now) / (int64_t)(found->n - i);
        address_text(&found->address[i], text, sizeof text);
        d->fd = connect_to(&found->address[i], found->length[i], w, now + share, &ended);
        if (d->fd >= 0 && identify(d, port) == 0)
            return DIAL_DONE;
        trouble_set(trouble, TROUBLE_CONNECT, "connect to %s[%s]:%u: %s", d->host, text,
                    (unsigned)port, strerror(errno));
        io_close(d->fd);
        d->fd = -1;
        if (ended)
            return DIAL_ENDED;
    }
    return DIAL_FAILED;
}

// The next host of a list parted by commas and blanks.
static bool next_host(struct span *rest, struct span *host)
{
    while (rest->n && (rest->p[0] == ',' || text_is_blank(rest->p[0]))) {
        rest->p++;
        rest->n--;
    }
    *host = (struct span){rest->p, 0};
    while (host->n < rest->n && host->p[host->n] != ',' && !text_is_blank(host->p[host->n]))
        host->n++;
    rest->p += host->n;
    rest->n -= host->n;
    return host->n > 0;
}

static size_t count_hosts(struct span list)
{
    struct span host;
    size_t n = 0;
    while (next_host(&list, &host))
        n++;
    return n;
}

static void show_found(struct observer *observer, const struct dial *d,
                       const struct addresses *found)
{
    struct buf line = BUF_INIT(1024);
    for (size_t i = 0; i < found->n; i++) {
        char text[INET6_ADDRSTRLEN];
        address_text(&found->address[i], text, sizeof text);
        buf_printf(&line, "%s %s", i ? "," : "", text);
    }
    observer_passed(observer, "%s is%s", d->host, buf_str(&line));
    buf_free(&line);
}

static enum dial_answer dial_host(struct dial *d, uint16_t port, struct wait *w,
                                  int64_t deadline, struct observer *observer,
                                  struct outcome *trouble)
{
    struct addresses found;
    observer_step(observer, "DNS");
    switch (resolve(&found, d->host, port, w, deadline, trouble)) {
    case RESOLVE_FOUND: break;
    case RESOLVE_FAILED: return DIAL_FAILED;
    case RESOLVE_ENDED: return DIAL_ENDED;
    }
    show_found(observer, d, &found);
    observer_step(observer, "TCP");
    return connect_in_turn(d, &found, port, w, deadline, trouble);
}

enum dial_answer dial(struct dial *d, const struct config_account *a, struct wait *w,
                      struct observer *observer, struct outcome *trouble)
{
    struct span rest = span_of(a->host), host;
    size_t left = count_hosts(rest);
    int64_t deadline = clock_steady() + (int64_t)a->timeout_connect * 1000;
    enum dial_answer answer = DIAL_FAILED;
    *d = (struct dial){.fd = -1};
    trouble_set(trouble, TROUBLE_CONFIG, "config: account %s has no host", a->name);
    for (; answer == DIAL_FAILED && next_host(&rest, &host); left--) {
        int64_t now = clock_steady();
        if (host.n > DIAL_HOST_MAX) {
            trouble_set(trouble, TROUBLE_CONFIG, "config: a host's name is too long");
            continue;
        }
        memcpy(d->host, host.p, host.n);
        d->host[host.n] = '\0';
        int64_t share = (deadline - now) / (int64_t)(left ? left : 1);
        answer = dial_host(d, dial_port(a), w, now + share, observer, trouble);
    }
    if (answer == DIAL_DONE)
        observer_passed(observer, "connected to %s", d->relay);
    return answer;
}
