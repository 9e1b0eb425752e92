// SPDX-License-Identifier: ISC
// Octets for a reader of lines (message/lines.h), as input brings them.
#ifndef UNIT_FEED_H
#define UNIT_FEED_H

#include <string.h>

#include "message/lines.h"

// Gives up to `most` octets of *input to the reader, or its end.
static inline void feed(struct lines *l, struct span *input, size_t most)
{
    size_t n;
    char *room = lines_room(l, &n);
    assert_true(n > 0);
    if (input->n == 0) {
        lines_end(l);
        return;
    }
    if (n > most)
        n = most;
    if (n > input->n)
        n = input->n;
    memcpy(room, input->p, n);
    lines_grew(l, n);
    input->p += n;
    input->n -= n;
}

#endif
