// SPDX-License-Identifier: ISC
// A message made fit for a server that can not take it as it is: 8-bit text where 8BITMIME is
// not offered, lines over 998 octets, NUL, and headers beyond ASCII. Each part is looked at by
// itself, and only what has to be is encoded (RFC 2045, 6; RFC 6152, 3); what is signed or
// encrypted never is.
//
// The message, with LF line ends, goes through twice: convert_survey finds out what each part
// needs, convert_write then does it. Memory is bounded: a header, and an octet for each part.
#ifndef MESSAGE_CONVERT_H
#define MESSAGE_CONVERT_H

#include <stdbool.h>

#include "base/buf.h"
#include "message/mime/mime.h"
#include "message/mime/recode.h"
#include "message/mime/tally.h"

enum {
    CONVERT_PARTS_MAX = 65536,
    CONVERT_PIECE_MAX = 1 << 20,              // octets given at once
    CONVERT_HEADER_MAX = 8 * MIME_HEADER_MAX, // octets that a header can become
};

// What the server takes.
struct convert_target {
    bool eightbit; // 8BITMIME
    bool utf8;     // SMTPUTF8, with 8BITMIME, and it is used for this message
    bool binary;   // BINARYMIME
};

enum convert_answer {
    CONVERT_FIT,        // it can be sent
    CONVERT_NEEDS_UTF8, // its header needs SMTPUTF8
    CONVERT_UNFIT,      // a part of it can not be converted
};

struct convert {
    struct convert_target target;
    struct mime mime;
    struct recode recode;
    struct tally tally; // of the content in hand
    struct buf plan;    // of each part with content, in order: how it goes out
    struct buf clean;   // the input, with LF for line ends
    struct buf field;   // one of a header
    size_t part;        // the next one
    size_t margin;      // octets of the line in hand that is part of nothing
    bool after_cr;      // an LF that comes next belongs to it
    bool binary;        // a part goes out as it is and has NUL: BODY=BINARYMIME
    bool astray;        // the message is not the one that was surveyed
    enum convert_answer answer;
    char why[128]; // where it is not CONVERT_FIT
};

// The caller ends it with convert_free.
void convert_init(struct convert *c, const struct convert_target *target)
    __attribute__((nonnull));
void convert_free(struct convert *c) __attribute__((nonnull));

// The first time through; then its answer. Unless that is CONVERT_FIT, the rest is of no use.
void convert_survey(struct convert *c, struct span text) __attribute__((nonnull));
enum convert_answer convert_decide(struct convert *c)
    __attribute__((nonnull, warn_unused_result));

// Each further time through: convert_begin, then the whole message, in any pieces. Appends what
// it becomes, CONVERT_HEADER_MAX octets at most for a piece without the end of a header's, and
// else at most 4 for each octet, and some. False where it is not the message of the survey.
void convert_begin(struct convert *c) __attribute__((nonnull));
bool convert_write(struct convert *c, struct buf *out, struct span text)
    __attribute__((nonnull, warn_unused_result));
bool convert_end(struct convert *c, struct buf *out)
    __attribute__((nonnull, warn_unused_result));

// For a message whose body can go out as it is: appends its header, all fields whole, as the
// server takes it. *why is set where the answer is not CONVERT_FIT.
enum convert_answer convert_header(struct buf *out, struct span header,
                                   const struct convert_target *target, const char **why)
    __attribute__((nonnull, warn_unused_result));

#endif
