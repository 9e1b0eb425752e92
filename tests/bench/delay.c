// SPDX-License-Identifier: ISC
// delay: a long line on loopback. What connects to it is connected to PORT of 127.0.0.1 by a
// line with that round trip and with any bandwidth. A real connection costs one and a half
// round trips before the server can speak; since the kernel answers for us at once, that time
// passes before the server is called.
//
//   delay PORT ROUNDTRIP PORTFILE
//
// ROUNDTRIP is in milliseconds. The port to connect to is written to PORTFILE once it is open.
// SIGTERM prints the counts and ends, as the end of the parent does:
//
//   connections=N flights=N octets=N
//
// where flights are groups of octets from clients with silence of more than half a round trip
// between them: each one but the first follows a round trip that was waited for.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/diag.h"
#include "pipe.h"
#include "tool.h"

enum { CONNECTIONS_MAX = 512, BACKLOG = 512, ROUNDTRIP_MAX = 60000 };

struct connection {
    int client;
    int server;      // -1: not called yet
    int64_t call_at; // when that is due
    struct pipe up, down;
};

static uint16_t target;
static int64_t one_way; // microseconds
static struct connection connections[CONNECTIONS_MAX];
static size_t n_connections;
static uint64_t accepted, flights, octets;

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons(port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void hurry(int fd)
{
    int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

static int listen_anywhere(const char *port_file)
{
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    char part[4096];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 ||
        listen(fd, BACKLOG) != 0 || getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        tool_die(EX_TEMPFAIL, "listen", strerror(errno));
    snprintf(part, sizeof part, "%s.part", port_file);
    FILE *f = fopen(part, "we");
    if (!f || fprintf(f, "%u\n", ntohs(address.sin_port)) < 0 || fclose(f) != 0 ||
        rename(part, port_file) != 0)
        tool_die(EX_CANTCREAT, port_file, strerror(errno));
    return fd;
}

static void welcome(int listener)
{
    if (n_connections == CONNECTIONS_MAX)
        return;
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    hurry(fd);
    accepted++;
    struct connection *c = &connections[n_connections++];
    *c = (struct connection){.client = fd, .server = -1, .call_at = tool_now() + 3 * one_way};
}

static void call(struct connection *c)
{
    struct sockaddr_in address = loopback(target);
    c->server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    // On loopback this is done at once; from here on nothing may block.
    if (c->server < 0 || connect(c->server, (struct sockaddr *)&address, sizeof address) != 0)
        tool_die(EX_UNAVAILABLE, "connect", strerror(errno));
    hurry(c->server);
    pipe_init(&c->up, c->client, c->server, one_way);
    pipe_init(&c->down, c->server, c->client, one_way);
}

static void forget(size_t i)
{
    struct connection *c = &connections[i];
    flights += c->up.flights;
    octets += c->up.octets;
    pipe_free(&c->up);
    pipe_free(&c->down);
    close(c->client);
    close(c->server);
    connections[i] = connections[--n_connections];
}

// What the two descriptors are watched for: input for the one pipe, room for the other.
static void watch(const struct connection *c, struct pollfd *fds)
{
    fds[0] = fds[1] = (struct pollfd){.fd = -1};
    if (c->server < 0)
        return;
    fds[0].events = (short)((pipe_hungry(&c->up) ? POLLIN : 0) |
                            (c->down.blocked ? POLLOUT : 0));
    fds[1].events = (short)((pipe_hungry(&c->down) ? POLLIN : 0) |
                            (c->up.blocked ? POLLOUT : 0));
    fds[0].fd = fds[0].events ? c->client : -1;
    fds[1].fd = fds[1].events ? c->server : -1;
}

static int64_t due(const struct connection *c)
{
    int64_t up = pipe_due(&c->up), down = pipe_due(&c->down);
    if (c->server < 0)
        return c->call_at;
    return up < down ? up : down;
}

static void move(struct connection *c, const struct pollfd *fds)
{
    int64_t now = tool_now();
    if (c->server < 0 && now < c->call_at)
        return;
    if (c->server < 0)
        call(c);
    if (fds[0].revents && pipe_hungry(&c->up))
        pipe_take(&c->up, now);
    if (fds[1].revents && pipe_hungry(&c->down))
        pipe_take(&c->down, now);
    pipe_give(&c->up, now);
    pipe_give(&c->down, now);
}

static void wait_until(struct pollfd *fds, size_t n, int64_t when)
{
    int64_t left = when - tool_now();
    if (left < 0)
        left = 0;
    struct timespec t = {.tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000};
    if (ppoll(fds, n, when == INT64_MAX ? NULL : &t, NULL) < 0)
        tool_die(EX_OSERR, "poll", strerror(errno));
}

static void serve(int listener, int signals)
{
    static struct pollfd fds[2 + 2 * CONNECTIONS_MAX];
    for (;;) {
        int64_t next = INT64_MAX;
        fds[0] = (struct pollfd){.fd = listener, .events = POLLIN};
        fds[1] = (struct pollfd){.fd = signals, .events = POLLIN};
        for (size_t i = 0; i < n_connections; i++) {
            watch(&connections[i], fds + 2 + 2 * i);
            next = due(&connections[i]) < next ? due(&connections[i]) : next;
        }
        wait_until(fds, 2 + 2 * n_connections, next);
        if (fds[1].revents)
            return;
        // Backwards, since what is forgotten is replaced by the last one.
        for (size_t i = n_connections; i-- > 0;) {
            move(&connections[i], fds + 2 + 2 * i);
            if (connections[i].up.closed && connections[i].down.closed)
                forget(i);
        }
        if (fds[0].revents)
            welcome(listener);
    }
}

static int watch_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    int fd = sigprocmask(SIG_BLOCK, &set, NULL) == 0 ? signalfd(-1, &set, SFD_CLOEXEC) : -1;
    if (fd < 0)
        tool_die(EX_OSERR, "signals", strerror(errno));
    return fd;
}

int main(int argc, char **argv)
{
    diag_name("delay");
    if (argc != 4)
        tool_die(EX_USAGE, "usage", "delay PORT ROUNDTRIP PORTFILE");
    target = (uint16_t)tool_number(argv[1], UINT16_MAX);
    one_way = (int64_t)tool_number(argv[2], ROUNDTRIP_MAX) * 500;
    pid_t parent = getppid();
    int signals = watch_signals();
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        return EX_OK;
    serve(listen_anywhere(argv[3]), signals);
    while (n_connections)
        forget(n_connections - 1);
    printf("connections=%llu flights=%llu octets=%llu\n", (unsigned long long)accepted,
           (unsigned long long)flights, (unsigned long long)octets);
    return EX_OK;
}
