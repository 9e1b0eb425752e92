// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/mail/jobs.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/io.h"

enum {
    JOBS_PIECE = 16384, // octets of one read
    JOBS_AT_ONCE = 16,  // descriptors of one read
    JOBS_IN_MAX = JOB_LINE_MAX + JOBS_PIECE
};

void jobs_init(struct jobs *j, int peer)
{
    *j = (struct jobs){.peer = peer, .in = BUF_INIT(JOBS_IN_MAX)};
}

static void task_free(struct task *t)
{
    io_close(t->fd);
    job_free(&t->job);
    buf_free(&t->answered);
    *t = (struct task){.fd = -1};
}

void jobs_free(struct jobs *j)
{
    for (size_t i = 0; i < JOBS_MOST; i++)
        if (j->tasks[i].used)
            task_free(&j->tasks[i]);
    for (size_t i = 0; i < j->n_descriptors; i++)
        io_close(j->descriptors[i]);
    buf_free(&j->in);
    *j = (struct jobs){.peer = -1};
}

static bool has_room(const struct jobs *j)
{
    if (j->n_ready == JOBS_READY_MAX)
        return false;
    for (size_t i = 0; i < JOBS_MOST; i++)
        if (!j->tasks[i].used)
            return true;
    return j->building != NULL;
}

bool jobs_hungry(const struct jobs *j)
{
    return !j->ended && !j->failed && has_room(j);
}

static struct task *fresh_task(struct jobs *j)
{
    struct task *t = j->tasks;
    while (t->used)
        t++;
    *t = (struct task){.used = true, .fd = -1, .answered = BUF_INIT(ENVELOPE_RECIPIENTS_MAX)};
    job_init(&t->job);
    return t;
}

// The descriptor that came with the `job` line just read.
static bool claim_descriptor(struct jobs *j, struct task *t)
{
    if (!j->n_descriptors)
        return false;
    t->fd = j->descriptors[0];
    j->n_descriptors--;
    memmove(j->descriptors, j->descriptors + 1, j->n_descriptors * sizeof *j->descriptors);
    return true;
}

static void complete(struct jobs *j)
{
    struct task *t = j->building;
    for (size_t i = envelope_count(&t->job.envelope); i > 0; i--)
        buf_putc(&t->answered, 0);
    j->ready[j->n_ready++] = t;
    j->building = NULL;
}

static bool take_line(struct jobs *j, struct span line)
{
    if (!j->greeted) {
        j->greeted = job_take_hello(line, &j->stumbles, j->relay);
        return j->greeted;
    }
    if (!j->building)
        j->building = fresh_task(j);
    switch (job_parse(&j->building->job, line)) {
    case JOB_BEGUN: return claim_descriptor(j, j->building);
    case JOB_MORE: return true;
    case JOB_READY: complete(j); return true;
    case JOB_END:
        task_free(j->building);
        j->building = NULL;
        j->ended = true;
        return true;
    case JOB_BAD: break;
    }
    return false;
}

// Takes in the lines that are complete, as long as there is room for jobs.
static enum jobs_answer take_lines(struct jobs *j)
{
    while (jobs_hungry(j) && j->in.n) {
        const char *end = memchr(j->in.p, '\n', j->in.n);
        if (!end) {
            j->failed = j->in.n > JOB_LINE_MAX;
            break;
        }
        struct span line = {j->in.p, (size_t)(end - j->in.p)};
        j->failed = !take_line(j, line);
        buf_drop(&j->in, line.n + 1);
    }
    return j->failed ? JOBS_BAD : JOBS_FINE;
}

static bool take_descriptors(struct jobs *j, struct msghdr *head)
{
    bool fine = !(head->msg_flags & MSG_CTRUNC);
    for (struct cmsghdr *c = CMSG_FIRSTHDR(head); c; c = CMSG_NXTHDR(head, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (j->n_descriptors == JOBS_DESCRIPTORS_MAX) {
                io_close(fd);
                fine = false;
            } else {
                j->descriptors[j->n_descriptors++] = fd;
            }
        }
    }
    return fine;
}

static ssize_t receive(struct jobs *j, char *to, size_t n)
{
    union {
        char room[CMSG_SPACE(JOBS_AT_ONCE * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec piece = {to, n};
    struct msghdr head = {.msg_iov = &piece,
                          .msg_iovlen = 1,
                          .msg_control = control.room,
                          .msg_controllen = sizeof control.room};
    ssize_t got;
    do
        got = recvmsg(j->peer, &head, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got >= 0 && !take_descriptors(j, &head))
        j->failed = true;
    return got;
}

enum jobs_answer jobs_read(struct jobs *j)
{
    // Whole lines that found no room last time come first.
    if (take_lines(j) == JOBS_BAD)
        return JOBS_BAD;
    if (!jobs_hungry(j))
        return JOBS_FINE;
    char *room = buf_room(&j->in, JOBS_PIECE);
    if (!room) {
        j->failed = true;
        return JOBS_BAD;
    }
    ssize_t got = receive(j, room, JOBS_PIECE);
    if (j->failed)
        return JOBS_BAD;
    if (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
        // A reset is how sendoff's end shows where it left lines of ours unread.
        j->failed = errno != ECONNRESET;
        return j->failed ? JOBS_BAD : JOBS_CLOSED;
    }
    if (got < 0)
        return JOBS_FINE;
    if (got == 0)
        return JOBS_CLOSED;
    buf_grew(&j->in, (size_t)got);
    return take_lines(j);
}

struct task *jobs_next(const struct jobs *j)
{
    return j->n_ready ? j->ready[0] : NULL;
}

void jobs_begun(struct jobs *j, struct task *t)
{
    for (size_t i = 0; i < j->n_ready; i++) {
        if (j->ready[i] != t)
            continue;
        j->n_ready--;
        memmove(j->ready + i, j->ready + i + 1, (j->n_ready - i) * sizeof(struct task *));
        return;
    }
}

void jobs_drop(struct jobs *j, struct task *t)
{
    jobs_begun(j, t);
    task_free(t);
}

bool jobs_over(const struct jobs *j)
{
    return j->ended && !j->n_ready;
}
