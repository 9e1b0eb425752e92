// SPDX-License-Identifier: ISC
// How far a long pass is, on a terminal: one line that is drawn over again, ten times a second
// at most, and gone at the end. A pass that is over soon draws none.
#ifndef SENDOFF_PROGRESS_H
#define SENDOFF_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct progress {
    bool on;
    bool drawn;
    int64_t began;             // clock_steady, as the next
    int64_t due;               // when it is drawn next
    uint64_t messages, octets; // done with; kept by the pass, as the next
    uint64_t under_way;        // messages in sendoff-submit's hands, not done with
    uint64_t size, sent;       // octets of these, and those of them that have gone out
    bool connecting;           // no session stands yet
    bool ending;               // it was told to end; what is under way still gets its time
};

// Where stderr is a terminal that can draw, and nothing else is going to be written there. A
// zeroed one draws nothing.
void progress_begin(struct progress *p) __attribute__((nonnull));
// Whether it is time to draw it.
bool progress_is_due(const struct progress *p) __attribute__((nonnull));
// Draws it: so many messages are left.
void progress_draw(struct progress *p, uint64_t left) __attribute__((nonnull));
// Takes it off the terminal.
void progress_end(struct progress *p) __attribute__((nonnull));

// The line, no wider than `width` columns where that is not 0: what does not fit is left out,
// piece by piece. `elapsed` is in milliseconds.
void progress_put(struct buf *out, const struct progress *p, uint64_t left, int64_t elapsed,
                  size_t width) __attribute__((nonnull));

#endif
