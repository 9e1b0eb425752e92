// SPDX-License-Identifier: ISC
// The jobs that sendoff hands us: lines (message/job.h) and, beside each `job` line, the
// message's descriptor. Only a few are taken in ahead of what the smarthost can take; the rest
// stays in the socket, and sendoff waits.
#ifndef SUBMIT_JOBS_H
#define SUBMIT_JOBS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "message/job.h"
#include "smtp/smtp.h"

enum {
    JOBS_READY_MAX = 64, // jobs taken in that no transaction has begun for
    JOBS_MOST = SMTP_DEPTH_MAX + JOBS_READY_MAX,
    JOBS_DESCRIPTORS_MAX = 64 // that came and whose `job` line was not read yet
};

// A job and what has become of it.
struct task {
    bool used;
    struct job job;
    int fd;              // of the message, for reading
    struct buf answered; // one octet for each recipient, 1 once sendoff was told of it; 2 while
                         // it is to be named again (deliver.c)
    bool told;           // sendoff knows that it may have begun
    size_t begun;        // recipients in transactions begun, from the first one on
    size_t open;         // transactions begun and not over
};

struct jobs {
    int peer;
    bool greeted;                  // sendoff's first line was read
    unsigned stumbles;             // as it tells: what the server does badly
    char relay[JOB_RELAY_MAX + 1]; // likewise: where the last session stood, or ""
    bool ended;                    // its last line was
    bool failed;                   // it was no line of the protocol
    struct buf in;
    int descriptors[JOBS_DESCRIPTORS_MAX];
    size_t n_descriptors;
    struct task tasks[JOBS_MOST];
    struct task *building;
    struct task *ready[JOBS_READY_MAX]; // oldest first
    size_t n_ready;
};

// `peer` is the socket to sendoff. The caller ends it with jobs_free.
void jobs_init(struct jobs *j, int peer) __attribute__((nonnull));
void jobs_free(struct jobs *j) __attribute__((nonnull));

// Whether there is room for what sendoff may have to say.
bool jobs_hungry(const struct jobs *j) __attribute__((nonnull));

enum jobs_answer {
    JOBS_FINE,   // something was taken in, or nothing was there
    JOBS_CLOSED, // sendoff is gone
    JOBS_BAD,    // it does not keep to the protocol; `failed` is set
};

// Takes in what there is and there is room for, without waiting.
enum jobs_answer jobs_read(struct jobs *j) __attribute__((nonnull, warn_unused_result));

// The oldest job whose transactions have not all begun, NULL where none is ready.
struct task *jobs_next(const struct jobs *j) __attribute__((nonnull));
// All its transactions have begun: it is not next any more, but stays until jobs_drop.
void jobs_begun(struct jobs *j, struct task *t) __attribute__((nonnull));
// Closes the message and forgets the job.
void jobs_drop(struct jobs *j, struct task *t) __attribute__((nonnull));

// Whether all that sendoff had has been begun.
bool jobs_over(const struct jobs *j) __attribute__((nonnull));

#endif
