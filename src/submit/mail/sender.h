// SPDX-License-Identifier: ISC
// The account's sender policy (message/policy.h) as its config states it, applied to each
// message on its way from its file to the engine: so a corrected config heals what is queued,
// and nothing that lies in a spool gets round it.
#ifndef SUBMIT_SENDER_H
#define SUBMIT_SENDER_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "message/job.h"
#include "message/policy.h"
#include "submit/mail/source.h"

struct sender {
    struct policy policy;
    const char *pattern; // of its `from`; "" where there is none
    struct buf domain;
    struct buf host;
    struct buf from; // of the message at hand
    struct buf address;
    struct header header;
    char why[128]; // why the last message can not go
};

// Reads what the policy asks of the config and of this host; *a belongs to *c, and both outlive
// the sender, which is ended by sender_free.
void sender_init(struct sender *s, const struct config *c, const struct config_account *a)
    __attribute__((nonnull));
void sender_free(struct sender *s) __attribute__((nonnull));

enum sender_answer {
    SENDER_READY,   // *size, which was the message's on the wire, is right again
    SENDER_FILE,    // the source's `why` is set
    SENDER_REFUSED, // `why` is set: the policy can not be kept
};

// Applies the policy to the message that *source has just begun with. The job's envelope gets
// its sender if `first`; it is the same each time, but the engine may hold the envelope later.
enum sender_answer sender_apply(struct sender *s, struct source *source, struct job *job,
                                bool first, uint64_t *size)
    __attribute__((nonnull, warn_unused_result));

#endif
