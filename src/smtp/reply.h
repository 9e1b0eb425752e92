// SPDX-License-Identifier: ISC
// Replies of a server, out of pieces of any size (RFC 5321, 4.2; RFC 2034; RFC 3463).
// What a server says is hostile until cleaned: it is cleaned here, once, as it enters the
// reply.
#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "message/outcome.h"

enum {
    REPLY_LINE_MAX = 12288 + 6, // octets of a line: a challenge of RFC 4954 behind its code
    REPLY_MAX = 32768,          // octets of a reply
    REPLY_LINES_MAX = 256,
};

struct reply {
    uint16_t code;
    uint16_t
        status[3];   // enhanced status code; 0.0.0 where none came or its class is not code's
    struct buf text; // the lines without their codes, cleaned, parted by LF
    struct buf line; // the line that is not complete yet
    size_t lines;    // read so far
    bool complete;   // the last push ended the reply
};

enum reply_result {
    REPLY_MORE, // all octets were taken, the reply goes on
    REPLY_DONE, // code, status and text are set until the next push
    REPLY_BAD,  // not SMTP, or over a limit: nothing sensible can follow
};

void reply_init(struct reply *r) __attribute__((nonnull));
void reply_free(struct reply *r) __attribute__((nonnull));

// Takes octets up to the end of the reply; *used says how many. A bare LF ends a line too.
enum reply_result reply_push(struct reply *r, const char *p, size_t n, size_t *used)
    __attribute__((nonnull(1, 4), warn_unused_result));
// A reply has begun and is not complete.
bool reply_partial(const struct reply *r) __attribute__((nonnull));

// Fills code, status (made from the code where none came) and text (on one line, without
// enhanced codes) of an outcome.
void reply_outcome(const struct reply *r, struct outcome *o) __attribute__((nonnull));

#endif
