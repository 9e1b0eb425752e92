// SPDX-License-Identifier: ISC
// links: submit
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "submit/mail/jobs.h"

// The two ends of what lies between sendoff and us.
struct fixture {
    struct jobs jobs;
    int sendoff;
};

static int set_up(void **state)
{
    int pair[2];
    struct fixture *f = calloc(1, sizeof *f);
    if (!f || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        return -1;
    f->sendoff = pair[0];
    jobs_init(&f->jobs, pair[1]);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    int peer = f->jobs.peer;
    jobs_free(&f->jobs);
    close(peer);
    if (f->sendoff >= 0)
        close(f->sendoff);
    free(f);
    return 0;
}

// Sends octets, and n descriptors (each of a file with its own inode) beside the first of them.
static void send_with(struct fixture *f, struct span text, size_t n, ino_t *inodes)
{
    union {
        char room[CMSG_SPACE(64 * sizeof(int))];
        struct cmsghdr align;
    } control = {{0}};
    struct iovec piece = {(char *)(uintptr_t)text.p, text.n};
    struct msghdr head = {.msg_iov = &piece, .msg_iovlen = 1};
    int fds[64];
    for (size_t i = 0; i < n; i++) {
        struct stat st;
        fds[i] = memfd_create("message", MFD_CLOEXEC);
        assert_int_equal(fstat(fds[i], &st), 0);
        if (inodes)
            inodes[i] = st.st_ino;
    }
    if (n) {
        head.msg_control = control.room;
        head.msg_controllen = CMSG_SPACE(n * sizeof(int));
        struct cmsghdr *c = CMSG_FIRSTHDR(&head);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(n * sizeof(int));
        memcpy(CMSG_DATA(c), fds, n * sizeof(int));
    }
    assert_int_equal(sendmsg(f->sendoff, &head, 0), text.n);
    for (size_t i = 0; i < n; i++)
        close(fds[i]);
}

static void say(struct fixture *f, const char *text)
{
    send_with(f, span_of(text), 0, NULL);
}

static ino_t inode_of(int fd)
{
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    return st.st_ino;
}

static const char one_job[] = "job 7 120 4000 80 8 - me@example.org BODY+3D8BITMIME\n"
                              "to 7 3 you@example.org -\n"
                              "to 7 5 them@example.org NOTIFY+3DNEVER\n"
                              "go 7\n";

static void a_job(void **state)
{
    struct fixture *f = *state;
    ino_t inode;
    assert_int_equal(jobs_read(&f->jobs), JOBS_FINE);
    assert_null(jobs_next(&f->jobs));
    say(f, JOB_HELLO "\n");
    send_with(f, span_of(one_job), 1, &inode);
    say(f, "end\n");
    for (int i = 0; i < 3; i++)
        assert_int_equal(jobs_read(&f->jobs), JOBS_FINE);
    struct task *t = jobs_next(&f->jobs);
    assert_non_null(t);
    assert_int_equal(t->job.number, 7);
    assert_int_equal(t->job.offset, 120);
    assert_int_equal(t->job.octets, 4000);
    assert_int_equal(t->job.lines, 80);
    assert_true(t->job.eightbit);
    assert_string_equal(envelope_sender(&t->job.envelope), "me@example.org");
    assert_int_equal(envelope_count(&t->job.envelope), 2);
    assert_int_equal(envelope_recipient(&t->job.envelope, 1)->at, 5);
    assert_int_equal(t->answered.n, 2);
    assert_int_equal(inode_of(t->fd), inode);
    assert_int_not_equal(fcntl(t->fd, F_GETFD) & FD_CLOEXEC, 0);
    assert_true(f->jobs.ended);
    assert_false(jobs_over(&f->jobs));
    assert_false(jobs_hungry(&f->jobs));
    jobs_begun(&f->jobs, t);
    assert_true(jobs_over(&f->jobs));
    int fd = t->fd;
    jobs_drop(&f->jobs, t);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
}

// However the octets come, the descriptors find their jobs.
static void split_everywhere(void **state)
{
    struct buf text = BUF_INIT(4096);
    (void)state;
    buf_puts(&text, JOB_HELLO "\n");
    size_t first = text.n;
    buf_puts(&text, one_job);
    size_t second = text.n;
    buf_puts(&text, "job 8 1 2 3 - - - -\nto 8 0 root -\ngo 8\n");
    for (size_t at = 1; at < text.n; at++) {
        void *own;
        ino_t inodes[2];
        assert_int_equal(set_up(&own), 0);
        struct fixture *f = own;
        const size_t marks[] = {0, first, second, text.n};
        for (size_t i = 0; i < 3; i++) {
            struct span part = {text.p + marks[i], marks[i + 1] - marks[i]};
            struct span head = part;
            if (at > marks[i] && at < marks[i + 1])
                head.n = at - marks[i];
            send_with(f, head, i > 0, i > 0 ? &inodes[i - 1] : NULL);
            assert_int_equal(jobs_read(&f->jobs), JOBS_FINE);
            if (head.n < part.n) {
                send_with(f, (struct span){part.p + head.n, part.n - head.n}, 0, NULL);
                assert_int_equal(jobs_read(&f->jobs), JOBS_FINE);
            }
        }
        for (size_t i = 0; i < 2; i++) {
            struct task *t = jobs_next(&f->jobs);
            assert_non_null(t);
            assert_int_equal(t->job.number, 7 + i);
            assert_int_equal(inode_of(t->fd), inodes[i]);
            jobs_drop(&f->jobs, t);
        }
        assert_null(jobs_next(&f->jobs));
        tear_down(&own);
    }
    buf_free(&text);
}

static void only_so_many_at_once(void **state)
{
    struct fixture *f = *state;
    struct task *begun[JOBS_MOST];
    uint32_t sent = 0, seen = 0;
    size_t n_begun = 0;
    say(f, JOB_HELLO "\n");
    // More than there is room for, all in the socket from the start.
    for (; sent < JOBS_MOST + 20; sent++) {
        struct buf text = BUF_INIT(4096);
        buf_printf(&text, "job %u 1 2 3 - - - -\nto %u 0 root -\ngo %u\n", sent + 1, sent + 1,
                   sent + 1);
        send_with(f, buf_span(&text), 1, NULL);
        buf_free(&text);
    }
    say(f, "end\n");
    while (n_begun < JOBS_MOST) {
        for (int i = 0; i < 100; i++)
            assert_int_equal(jobs_read(&f->jobs), JOBS_FINE);
        assert_in_range(f->jobs.n_ready, 1, JOBS_READY_MAX);
        struct task *t = jobs_next(&f->jobs);
        assert_int_equal(t->job.number, ++seen);
        jobs_begun(&f->jobs, t);
        begun[n_begun++] = t;
        if (n_begun == JOBS_MOST - 1) // one more fits, which is ready by now
            assert_true(jobs_next(&f->jobs) != NULL);
    }
    for (int i = 0; i < 100; i++)
        assert_int_equal(jobs_read(&f->jobs), JOBS_FINE);
    assert_null(jobs_next(&f->jobs));
    assert_false(jobs_hungry(&f->jobs));
    // What is over makes room for what waits in the socket.
    while (seen < sent) {
        jobs_drop(&f->jobs, begun[--n_begun]);
        for (int i = 0; i < 3; i++)
            assert_int_equal(jobs_read(&f->jobs), JOBS_FINE);
        struct task *t = jobs_next(&f->jobs);
        assert_non_null(t);
        assert_int_equal(t->job.number, ++seen);
        jobs_begun(&f->jobs, t);
        begun[n_begun++] = t;
        if (n_begun > 1 && seen == sent)
            jobs_drop(&f->jobs, begun[--n_begun]);
    }
    for (int i = 0; i < 3; i++)
        assert_int_equal(jobs_read(&f->jobs), JOBS_FINE);
    assert_true(jobs_over(&f->jobs));
}

static void not_the_protocol(void **state)
{
    static const struct {
        const char *text;
        size_t descriptors;
    } cases[] = {
        {"sendoff 2\n", 0},
        {"\n", 0},
        {JOB_HELLO "\nnonsense\n", 0},
        {JOB_HELLO "\njob 1 1 2 3 - - - -\n", 0}, // its descriptor is missing
        {JOB_HELLO "\nto 1 0 root -\n", 1},
        {JOB_HELLO "\njob 1 1 2 3 - - - -\ngo 1\n", 1}, // to nobody
        {JOB_HELLO "\njob 1 1 2 3 - - - -\nend\n", 1},
        {JOB_HELLO "\njob 1 1 2 3 - - - -\nto 2 0 root -\n", 1},
        {JOB_HELLO "\njob 1 1 2 3 - - a+0Ab -\n", 1},
        {JOB_HELLO "\nend\n", 17}, // more descriptors than one line can need
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        void *own;
        assert_int_equal(set_up(&own), 0);
        struct fixture *f = own;
        send_with(f, span_of(cases[i].text), cases[i].descriptors, NULL);
        assert_int_equal(jobs_read(&f->jobs), JOBS_BAD);
        assert_true(f->jobs.failed);
        assert_false(jobs_hungry(&f->jobs));
        tear_down(&own);
    }
}

static void endless_line(void **state)
{
    struct fixture *f = *state;
    char text[4096];
    enum jobs_answer answer = JOBS_FINE;
    memset(text, 'x', sizeof text);
    for (size_t n = 0; n <= JOB_LINE_MAX && answer == JOBS_FINE; n += sizeof text) {
        send_with(f, (struct span){text, sizeof text}, 0, NULL);
        answer = jobs_read(&f->jobs);
    }
    assert_int_equal(answer, JOBS_BAD);
}

static void sendoff_is_gone(void **state)
{
    struct fixture *f = *state;
    say(f, JOB_HELLO "\n");
    assert_int_equal(jobs_read(&f->jobs), JOBS_FINE);
    assert_true(f->jobs.greeted);
    close(f->sendoff);
    f->sendoff = -1;
    assert_int_equal(jobs_read(&f->jobs), JOBS_CLOSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_job, set_up, tear_down),
        cmocka_unit_test(split_everywhere),
        cmocka_unit_test_setup_teardown(only_so_many_at_once, set_up, tear_down),
        cmocka_unit_test(not_the_protocol),
        cmocka_unit_test_setup_teardown(endless_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sendoff_is_gone, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("jobs", tests, NULL, NULL);
}
