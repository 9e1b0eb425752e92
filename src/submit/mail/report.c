// SPDX-License-Identifier: ISC
#include "submit/mail/report.h"

#include <errno.h>
#include <sys/socket.h>

#include "message/outcome.h"

void report_init(struct report *r, int peer)
{
    *r = (struct report){.peer = peer, .out = BUF_INIT(REPORT_MAX)};
    buf_puts(&r->out, OUTCOME_HELLO "\n");
}

void report_free(struct report *r)
{
    buf_free(&r->out);
}

void report_begun(struct report *r, uint32_t job)
{
    outcome_put_begun(&r->out, job);
    r->urgent = true;
}

int report_flush(struct report *r)
{
    while (r->out.n) {
        ssize_t put = send(r->peer, r->out.p, r->out.n, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
        buf_drop(&r->out, (size_t)put);
    }
    return r->out.over ? -1 : 0;
}

bool report_drain(struct report *r, struct wait *w, int64_t deadline)
{
    struct pollfd none = {.fd = -1};
    while (report_flush(r) == 0 && r->out.n) {
        enum wait_answer answer = wait_for(w, &none, POLLOUT, deadline);
        if (answer == WAIT_GONE || answer == WAIT_LATE)
            break;
    }
    r->urgent &= r->out.n > 0;
    return !r->out.n;
}
