// SPDX-License-Identifier: ISC
// In place of sendoff-submit: a scene, played by a child at the other end of the courier's
// socket. A test that includes this has `// wraps: child_start`.
#ifndef UNIT_SUBMIT_PEER_H
#define UNIT_SUBMIT_PEER_H

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/child.h"
#include "base/port.h"
#include "message/job.h"
#include "message/outcome.h"

enum { PEER_FDS = 256 };

static void (*peer_scene)(void); // what the child plays; then it ends with status 0
static unsigned peer_starts;     // how often it was started
static int peer_error;           // it can not be started: errno

static unsigned peer_stumbles; // as it was told
static char peer_relay[JOB_RELAY_MAX + 1];

static struct buf peer_in = BUF_INIT(64 * 1024 * 1024);
static int peer_fds[PEER_FDS];
static unsigned peer_came, peer_taken; // descriptors

pid_t __wrap_child_start(const char *const argv[], int in, int out);

pid_t __wrap_child_start(const char *const argv[], int in, int out)
{
    (void)argv;
    peer_starts++;
    if (peer_error) {
        errno = peer_error;
        return -1;
    }
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        alarm(60);
        dup2(in, STDIN_FILENO);
        dup2(out, STDOUT_FILENO);
        port_close_from(3);
        peer_scene();
        _exit(0);
    }
    return pid;
}

static inline void peer_write(const char *p, size_t n)
{
    while (n) {
        ssize_t put = write(STDOUT_FILENO, p, n);
        if (put <= 0)
            _exit(0);
        p += put;
        n -= (size_t)put;
    }
}

__attribute__((format(printf, 1, 2))) static inline void peer_say(const char *fmt, ...)
{
    char text[4096];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    peer_write(text, (size_t)n);
}

// Receives more, with the descriptors beside it. False at the end.
static inline bool peer_receive(void)
{
    static char text[16384];
    union {
        char space[CMSG_SPACE(64 * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec part = {text, sizeof text};
    struct msghdr m = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = control.space,
                       .msg_controllen = sizeof control.space};
    ssize_t n = recvmsg(STDIN_FILENO, &m, MSG_CMSG_CLOEXEC);
    if (n <= 0)
        return false;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
        size_t count = ((size_t)c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++)
            memcpy(&peer_fds[peer_came++ % PEER_FDS], CMSG_DATA(c) + i * sizeof(int),
                   sizeof(int));
    }
    buf_put(&peer_in, text, (size_t)n);
    return true;
}

// The next line, without its LF. Ends the child where there is none.
static inline void peer_line(struct buf *line)
{
    char *end;
    while (!peer_in.n || !(end = memchr(peer_in.p, '\n', peer_in.n)))
        if (!peer_receive())
            _exit(0);
    buf_clear(line);
    buf_put(line, peer_in.p, (size_t)(end - peer_in.p));
    buf_drop(&peer_in, line->n + 1);
}

// The hellos of both sides, and a session that stands.
static inline void peer_greet(void)
{
    struct buf line = BUF_INIT(JOB_LINE_MAX);
    peer_line(&line);
    if (!job_take_hello(buf_span(&line), &peer_stumbles, peer_relay))
        _exit(3);
    buf_free(&line);
    peer_say("%s\nrelay smarthost.example[127.0.0.1]:587\nready\n", OUTCOME_HELLO);
}

// The next job, complete, and the descriptor of its message. False at the `end`.
static inline bool peer_job(struct job *j, int *fd)
{
    struct buf line = BUF_INIT(JOB_LINE_MAX);
    enum job_line answer = JOB_MORE;
    job_init(j);
    while (answer != JOB_READY && answer != JOB_END && answer != JOB_BAD) {
        peer_line(&line);
        answer = job_parse(j, buf_span(&line));
    }
    buf_free(&line);
    if (answer == JOB_BAD)
        _exit(4);
    if (answer == JOB_READY)
        *fd = peer_fds[peer_taken++ % PEER_FDS];
    else
        job_free(j);
    return answer == JOB_READY;
}

// The same outcome for each recipient of the job, and that it is done.
static inline void peer_answer(const struct job *j, const char *outcome)
{
    for (size_t i = 0; i < envelope_count(&j->envelope); i++)
        peer_say("recipient %u %zu %s\n", j->number, envelope_recipient(&j->envelope, i)->at,
                 outcome);
    peer_say("done %u\n", j->number);
}

#define PEER_DELIVERED "delivered recipient 250 2.0.0 sure accepted"
#define PEER_DEFERRED  "deferred recipient 451 4.2.1 sure later"
#define PEER_FAILED    "failed recipient 550 5.1.1 sure unknown"

#endif
