// SPDX-License-Identifier: ISC
// The outcome lines on their way to sendoff (message/outcome.h). They are held until the socket
// takes them: sendoff may be busy writing jobs to us, and neither may wait for the other.
#ifndef SUBMIT_REPORT_H
#define SUBMIT_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "submit/wait.h"

enum {
    REPORT_MARK = 65536,   // octets above which no new message is begun
    REPORT_MAX = 128 << 20 // octets: a line for each of the most recipients, times the depth
};

struct report {
    int peer; // the socket to sendoff
    struct buf out;
    bool urgent; // it has to be with sendoff before the smarthost hears more
};

// Begins with our first line. The caller ends it with report_free.
void report_init(struct report *r, int peer) __attribute__((nonnull));
void report_free(struct report *r) __attribute__((nonnull));

// Hands over what the socket takes now. -1 where it is broken.
int report_flush(struct report *r) __attribute__((nonnull, warn_unused_result));

// Says that the smarthost hears of that job for the first time now, or soon. sendoff has to
// know it before: if we are killed after that, the message is in doubt, and no other one is.
void report_begun(struct report *r, uint32_t job) __attribute__((nonnull));

// Waits until all is handed over, `deadline` passes or sendoff is gone. Whether it is all.
bool report_drain(struct report *r, struct wait *w, int64_t deadline) __attribute__((nonnull));

#endif
