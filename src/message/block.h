// SPDX-License-Identifier: ISC
// The block of our own fields at the head of every spool file (sendoff-spool(5)). It is known
// by its place, the first octet of the file, and by the length it states, never by a field's
// name, so no message can forge one. The first three lines have fixed width and hold all that
// changes in place but the recipients' status bytes.
#ifndef MESSAGE_BLOCK_H
#define MESSAGE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "message/envelope.h"
#include "message/outcome.h"

enum {
    BLOCK_VERSION = 1,
    BLOCK_MAX = 65536 + 16 * 1024 * 1024, // octets of a block that is believed
    BLOCK_ACCOUNT_MAX = 32,               // octets of an account's name
    BLOCK_ATTEMPTS_MAX = 99999,
    BLOCK_DOUBTS_MAX = 9,
};

struct block {
    uint64_t size;    // octets of the block; the message begins there
    uint64_t octets;  // of the message
    uint64_t lines;   // of the message, counted at injection
    uint64_t longest; // octets of its longest line
    bool eightbit;    // it holds octets above 127
    bool nul;         // it holds NUL

    unsigned attempts;                   // begun so far
    unsigned doubts;                     // attempts that ended in doubt
    bool warned;                         // a delay notice was sent
    char account[BLOCK_ACCOUNT_MAX + 1]; // the account of the last attempt, or ""
    char reply[OUTCOME_TEXT_MAX + 1];    // the last reply or trouble, cleaned, or ""

    int64_t arrival; // microseconds since 1970
    uint32_t uid;    // who handed it in; believed only in the drop's spool
    struct envelope envelope;
};

void block_init(struct block *b) __attribute__((nonnull));
void block_free(struct block *b) __attribute__((nonnull));

// Writes the whole block to an empty *out; b->size and the recipients' `at` are set by it.
// False where it would pass BLOCK_MAX or out's cap.
bool block_encode(struct buf *out, struct block *b)
    __attribute__((nonnull, warn_unused_result));

// The parts that are written again in place, as they stand in the file.
struct block_patch {
    uint64_t at; // offset in the file
    char text[512];
    size_t n;
};
// The first line, once the message's figures are known.
void block_patch_figures(const struct block *b, struct block_patch *patch)
    __attribute__((nonnull));
// The second and third line: attempts, doubts, warned, account, reply.
void block_patch_state(const struct block *b, struct block_patch *patch)
    __attribute__((nonnull));
// A recipient's status and the codes of its last reply. The status byte stands first, so a torn
// write can only leave an old code behind a new status.
void block_patch_recipient(const struct recipient *r, struct block_patch *patch)
    __attribute__((nonnull));

enum block_answer {
    BLOCK_DONE,
    BLOCK_MORE,    // b->size octets are needed; b->size is set (bounded) or 0 if not known yet
    BLOCK_FOREIGN, // of a format version that is not ours: leave it alone
    BLOCK_BAD,     // no block
};

// Reads the block at the head of a file from its first `head.n` octets. What is advisory (the
// state, the reply, the codes) is read leniently: a torn field counts as empty.
enum block_answer block_decode(struct block *b, struct span head)
    __attribute__((nonnull, warn_unused_result));

#endif
