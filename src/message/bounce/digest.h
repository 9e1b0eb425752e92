// SPDX-License-Identifier: ISC
// One message that tells of many which failed, where a report on each would be a storm: for
// people alone, in plain text. It is bounded: what does not fit is for another one.
#ifndef MESSAGE_DIGEST_H
#define MESSAGE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "message/block.h"
#include "message/bounce/bounce.h"

enum { DIGEST_LIST_MAX = 512 * 1024 }; // octets of the list after which nothing is added

struct digest {
    struct buf list;
    size_t messages;
};

// An empty digest. The caller ends it with digest_free.
void digest_init(struct digest *d) __attribute__((nonnull));
void digest_free(struct digest *d) __attribute__((nonnull));

// Adds a message with those of its recipients whose report is owed and wanted. False, and
// nothing added, where the digest is full.
bool digest_add(struct digest *d, struct span id, const struct bounce_date *arrival,
                const struct block *b) __attribute__((nonnull, warn_unused_result));

// Appends the whole message. Of the facts, `to`, `domain`, `now` and `random` count. False
// where it does not fit into *out.
bool digest_put(struct buf *out, const struct digest *d, const struct bounce_facts *f)
    __attribute__((nonnull, warn_unused_result));

#endif
