// SPDX-License-Identifier: ISC
// Who looks on: `--check` wants a line on stdout for each step that passed or failed, `-v` the
// dialogue on stderr. The rest of the program says what it does and does not know who looks.
#ifndef SUBMIT_OBSERVER_H
#define SUBMIT_OBSERVER_H

#include <stdbool.h>

#include "base/buf.h"

struct observer {
    bool check;
    bool verbose;
    const char *step;    // what is being tried: "DNS", "TLS"; it lives for ever
    struct buf *notices; // to sendoff, for its log; NULL for a check
};

// Names what is tried next.
void observer_step(struct observer *o, const char *step) __attribute__((nonnull));
// The step went well: "pass STEP: text".
void observer_passed(const struct observer *o, const char *fmt, ...)
    __attribute__((nonnull, format(printf, 2, 3)));
// The step went well, but somebody should look: "warn STEP: text", and a line in sendoff's log.
void observer_warned(const struct observer *o, const char *fmt, ...)
    __attribute__((nonnull, format(printf, 2, 3)));
void observer_failed(const struct observer *o, const char *text) __attribute__((nonnull));
// A line of the dialogue: '>' is ours, '<' the server's.
void observer_line(const struct observer *o, char direction, const char *line)
    __attribute__((nonnull));

#endif
