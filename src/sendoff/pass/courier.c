// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/pass/courier.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/signals.h"
#include "paths.h"

enum {
    OUT_MAX = 256 * 1024 * 1024, // the lines of one job with as many recipients as there may be
    IN_MAX = 64 * 1024 * 1024,   // what it says while it is being told of a large message
    STOP_MARGIN = 2000,          // milliseconds more than sendoff-submit itself takes
    STOP_AFTER = 10 * 1000,      // milliseconds for it to end once its socket is closed
};

int courier_start(struct courier *c, const struct courier_order *o)
{
    const char *argv[6] = {PATH_SUBMIT};
    int n = 1, pair[2];
    *c = (struct courier){.pid = -1,
                          .socket = -1,
                          .out = BUF_INIT(OUT_MAX),
                          .in = BUF_INIT(IN_MAX),
                          .signals = o->signals,
                          .stop_by = INT64_MAX,
                          .heard = clock_steady()};
    if (o->verbose)
        argv[n++] = "-v";
    if (o->progress)
        argv[n++] = "--progress";
    argv[n++] = o->config;
    argv[n] = o->account;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        return -1;
    c->pid = child_start(argv, pair[1], pair[1]);
    io_close(pair[1]);
    c->socket = pair[0];
    if (c->pid < 0 || fcntl(c->socket, F_SETFL, O_NONBLOCK))
        return -1;
    job_put_hello(&c->out, o->stumbles, span_of(o->relay));
    return 0;
}

bool courier_is_stopping(const struct courier *c)
{
    return c->stop_by != INT64_MAX;
}

// Sends what it can of `out`, the descriptor with its first octet. What went is dropped from
// it. 0, or -1 and errno.
static int push(struct courier *c, int *fd)
{
    union {
        char space[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {{0}};
    struct iovec part = {.iov_base = c->out.p, .iov_len = c->out.n};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (fd && *fd >= 0) {
        message.msg_control = control.space;
        message.msg_controllen = sizeof control.space;
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(head), fd, sizeof(int));
    }
    ssize_t sent = sendmsg(c->socket, &message, MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (sent < 0) {
        // One that lives (no memory) would wait for the rest for ever: its input ends here.
        shutdown(c->socket, SHUT_WR);
        return -1;
    }
    if (fd)
        *fd = -1;
    buf_drop(&c->out, (size_t)sent);
    return 0;
}

// Reads what is there; marks the end.
static void pull(struct courier *c)
{
    static const size_t piece = 16384;
    buf_drop(&c->in, c->taken);
    c->taken = 0;
    char *room = buf_room(&c->in, piece);
    if (!room) { // more than any number of lines that could be waiting: no protocol of ours
        c->ended = true;
        return;
    }
    ssize_t got = io_read(c->socket, room, piece);
    if (got > 0)
        buf_grew(&c->in, (size_t)got);
    else if (got == 0 || errno != EAGAIN)
        c->ended = true;
}

// What is in flight gets its time, there as here.
void courier_interrupt(struct courier *c)
{
    if (courier_is_stopping(c))
        return;
    c->stop_by = clock_steady() + SIGNALS_GRACE + STOP_MARGIN;
    kill(c->pid, SIGTERM);
}

// When it is taken for hung (clock_steady).
static int64_t deadline(const struct courier *c)
{
    return courier_is_stopping(c) ? c->stop_by : c->heard + COURIER_SILENCE;
}

// What can be done with one after the poll. `fd` is the descriptor that goes with its output.
static void attend(struct courier *c, short events, int *fd)
{
    if (events & (POLLIN | POLLHUP | POLLERR)) {
        pull(c);
        c->heard = clock_steady();
    } else if (clock_steady() >= deadline(c)) {
        c->ended = c->hung = true;
    }
    // Where it takes no more, it may still have said something: that is read to the end.
    if (events & POLLOUT && push(c, fd))
        c->deaf = true;
}

static int time_left(struct courier *const *list, size_t n, int milliseconds)
{
    int64_t now = clock_steady(), end = milliseconds < 0 ? INT64_MAX : now + milliseconds;
    for (size_t i = 0; i < n; i++)
        if (deadline(list[i]) < end)
            end = deadline(list[i]);
    return end > now ? (int)(end - now) : 0;
}

// Waits for all of them, and does what can then be done. `fd` belongs to the first one's
// output.
static void attend_all(struct courier *const *list, size_t n, int milliseconds, int *fd)
{
    struct pollfd p[COURIER_MOST + 1];
    for (size_t i = 0; i < n; i++) {
        const struct courier *c = list[i];
        p[i] = (struct pollfd){.fd = c->ended ? -1 : c->socket, .events = POLLIN};
        if (c->out.n && !c->deaf)
            p[i].events |= POLLOUT;
    }
    p[n] = (struct pollfd){.fd = list[0]->signals, .events = POLLIN};
    if (poll(p, (nfds_t)(n + 1), time_left(list, n, milliseconds)) < 0)
        return; // by a signal: the next look tells
    bool stopping = p[n].revents && signals_came(list[0]->signals);
    for (size_t i = 0; i < n; i++) {
        if (stopping)
            courier_interrupt(list[i]);
        if (!list[i]->ended)
            attend(list[i], p[i].revents, i ? NULL : fd);
    }
}

void courier_wait(struct courier *const *list, size_t n, int milliseconds)
{
    attend_all(list, n, milliseconds, NULL);
}

static int send_all(struct courier *c, int fd)
{
    while (!c->ended && !c->deaf && (c->out.n || fd >= 0)) {
        if (push(c, &fd)) // nearly always there is room: that is not asked first
            c->deaf = true;
        else if (c->out.n || fd >= 0)
            attend_all(&c, 1, -1, &fd);
    }
    if (!c->ended && !c->deaf)
        return 0;
    buf_clear(&c->out);
    errno = EPIPE;
    return -1;
}

int courier_send(struct courier *c, const struct job *job, int fd)
{
    // What is left of earlier lines goes first: the descriptor belongs to this job's first
    // octet.
    if (send_all(c, -1))
        return -1;
    c->heard = clock_steady();
    job_encode(&c->out, job);
    if (c->out.over) {
        buf_clear(&c->out);
        errno = EMSGSIZE;
        return -1;
    }
    return send_all(c, fd);
}

void courier_finish(struct courier *c)
{
    buf_puts(&c->out, "end\n");
    (void)!send_all(c, -1); // one that is gone shows in courier_next
}

// What came and was not read as lines yet.
static struct span unread(const struct courier *c)
{
    struct span all = buf_span(&c->in);
    return all.n ? (struct span){all.p + c->taken, all.n - c->taken} : all;
}

static bool has_line(const struct courier *c)
{
    struct span rest = unread(c);
    return rest.n && memchr(rest.p, '\n', rest.n);
}

static enum courier_answer take_line(struct courier *c, enum outcome_line *line,
                                     struct outcome_event *event, bool *hello)
{
    struct span rest = unread(c), text;
    span_cut(&rest, '\n', &text);
    *hello = !c->greeted && span_equal(text, SPAN(OUTCOME_HELLO));
    *line = *hello || !c->greeted ? OUTCOME_BAD : outcome_parse(text, event);
    c->greeted |= *hello;
    c->taken += text.n + 1;
    return *hello || *line != OUTCOME_BAD ? COURIER_EVENT : COURIER_BROKEN;
}

enum courier_answer courier_next(struct courier *c, enum outcome_line *line,
                                 struct outcome_event *event)
{
    while (has_line(c)) {
        bool hello;
        enum courier_answer answer = take_line(c, line, event, &hello);
        if (!hello)
            return answer;
    }
    size_t left = unread(c).n;
    if (c->ended)
        return left || c->hung ? COURIER_BROKEN : COURIER_ENDED;
    return left >= OUTCOME_LINE_MAX ? COURIER_BROKEN : COURIER_LATER;
}

int courier_stop(struct courier *c)
{
    io_close(c->socket);
    c->socket = -1;
    int status = c->pid > 0 ? child_end(c->pid, clock_steady() + STOP_AFTER) : -1;
    c->pid = -1;
    buf_free(&c->out);
    buf_free(&c->in);
    return status;
}
