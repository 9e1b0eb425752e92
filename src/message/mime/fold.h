// SPDX-License-Identifier: ISC
// Lines of a header that are too long for SMTP, folded (RFC 5322, 2.2.3).
#ifndef MESSAGE_FOLD_H
#define MESSAGE_FOLD_H

#include <stdbool.h>

#include "base/buf.h"

enum {
    FOLD_LINE_MAX = 998, // octets of a line without its end (RFC 5321, 4.5.3.1.6)
    FOLD_LINE_GOOD = 78, // octets that it should have at most (RFC 5322, 2.1.1)
};

// Whether a line of the text is longer than SMTP takes.
bool fold_is_needed(struct span text);

// Appends the field, with its LF, its long lines folded in front of blanks, and where there are
// none behind commas if `commas` are of its grammar. What offers neither stays as it is.
// Unfolding gives back what went in, but for a blank behind such a comma.
void fold_put(struct buf *out, struct span field, bool commas) __attribute__((nonnull));

#endif
