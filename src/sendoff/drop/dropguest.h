// SPDX-License-Identifier: ISC
// One client of the drop, from its first line (message/handin.h) to the answer. All that it
// sends is judged here, before it is in the spool: grammar and number of the addresses, size,
// and that it is whole. Of the block that it sends only the envelope is kept; who hands it in
// says the kernel. Nothing here waits but for the disk.
#ifndef SENDOFF_DROPGUEST_H
#define SENDOFF_DROPGUEST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "message/block.h"
#include "message/handin.h"
#include "message/lines.h"
#include "sendoff/drop/dropbook.h"
#include "spool/deposit.h"
#include "spool/maildir.h"

enum {
    DROPGUEST_BLOCK_MAX = 1 << 20,  // octets of a block: some 10,000 recipients
    DROPGUEST_SIZE_MAX = 256 << 20, // octets of a message, where the config allows more
    DROPGUEST_QUEUED_MAX = 10000,   // messages of one user, where the config has no max_queued
};

// Who is let in, and what may be stored.
struct dropguest_rules {
    const struct maildir *maildir;
    struct dropbook *book;
    uint64_t max_size; // octets, not 0
    uint64_t max_recipients;
    uint64_t max_queued; // messages of one user, not 0
};

struct dropguest {
    int fd;        // -1: nobody
    bool nameless; // the kernel does not know who it is
    bool asks;     // it has no message, but wants to know about one
    bool stored;   // the message is durable
    uid_t uid;
    int64_t since; // clock_steady: when it came
    int64_t heard; // and when it last said something
    struct handin handin;
    struct buf head; // the block, as far as it is there
    struct block block;
    bool in_text;
    struct deposit deposit;
    struct lines_figures figures;
    uint64_t column;
};

enum dropguest_next {
    DROPGUEST_STAYS,
    DROPGUEST_NAMED, // its ticket is known: dropguest_admit is next, once no other guest of the
                     // same user has it
    DROPGUEST_GOES,  // it has had its answer, or is gone: dropguest_end is next
};

// Takes over the descriptor. The caller ends the guest with dropguest_end.
void dropguest_begin(struct dropguest *g, int fd, uid_t uid, int64_t now)
    __attribute__((nonnull));
// Reads what there is, at most one piece of it, and does what it says.
enum dropguest_next dropguest_step(struct dropguest *g, const struct dropguest_rules *rules,
                                   int64_t now) __attribute__((nonnull, warn_unused_result));
// Answers the first line.
enum dropguest_next dropguest_admit(struct dropguest *g, const struct dropguest_rules *rules,
                                    int64_t now) __attribute__((nonnull, warn_unused_result));
// Tells it to come again, before it has said anything; or refuses it, at any time.
void dropguest_put_off(const struct dropguest *g) __attribute__((nonnull));
void dropguest_refuse(const struct dropguest *g, int status, const char *why)
    __attribute__((nonnull));
// Whether its envelope is there: until then it has little time.
bool dropguest_is_seated(const struct dropguest *g) __attribute__((nonnull));
// Takes away what was not stored, and hangs up.
void dropguest_end(struct dropguest *g) __attribute__((nonnull));

#endif
