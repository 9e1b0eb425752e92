// SPDX-License-Identifier: ISC
// links: message
// The head of a spool file, which its owner may have written by hand. A block that is believed
// lies within the file; what is written to it in place stays within the block, changes what it
// names and nothing else; and the head's first part alone asks for more.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "message/block.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(const struct block *a, const struct block *b)
{
    const struct envelope *x = &a->envelope, *y = &b->envelope;
    if (a->size != b->size || a->octets != b->octets || a->arrival != b->arrival ||
        a->uid != b->uid || envelope_count(x) != envelope_count(y) ||
        strcmp(envelope_sender(x), envelope_sender(y)) != 0 ||
        strcmp(envelope_options(x), envelope_options(y)) != 0)
        abort();
    for (size_t i = 0; i < envelope_count(x); i++)
        if (strcmp(envelope_address(x, i), envelope_address(y, i)) != 0 ||
            strcmp(envelope_recipient_options(x, i), envelope_recipient_options(y, i)) != 0 ||
            envelope_recipient(x, i)->at != envelope_recipient(y, i)->at ||
            envelope_recipient(x, i)->status != envelope_recipient(y, i)->status)
            abort();
}

static void apply(struct buf *file, const struct block *b, const struct block_patch *patch)
{
    if (patch->at + patch->n > b->size)
        abort();
    memcpy(file->p + patch->at, patch->text, patch->n);
}

static void check_patches(struct span head, struct block *b)
{
    struct buf file = BUF_INIT(head.n + 1);
    struct block_patch patch;
    struct block again;
    buf_put_span(&file, head);
    b->attempts = 77;
    block_patch_state(b, &patch);
    apply(&file, b, &patch);
    for (size_t i = 0; i < envelope_count(&b->envelope); i += 3) {
        struct recipient *r = envelope_recipient(&b->envelope, i);
        r->status = RECIPIENT_DELIVERED;
        block_patch_recipient(r, &patch);
        apply(&file, b, &patch);
    }
    block_init(&again);
    if (block_decode(&again, buf_span(&file)) != BLOCK_DONE || again.attempts != 77)
        abort();
    compare(b, &again);
    block_free(&again);
    buf_free(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span head = {(const char *)data, size};
    struct block b;
    block_init(&b);
    enum block_answer answer = block_decode(&b, head);
    if (answer == BLOCK_MORE && b.size > BLOCK_MAX)
        abort();
    if (answer == BLOCK_DONE) {
        struct block part;
        if (b.size > size || envelope_count(&b.envelope) == 0)
            abort();
        block_init(&part);
        if (block_decode(&part, (struct span){head.p, (size_t)b.size - 1}) != BLOCK_MORE)
            abort();
        block_free(&part);
        check_patches(head, &b);
    }
    block_free(&b);
    return 0;
}
