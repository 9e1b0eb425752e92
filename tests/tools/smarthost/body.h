// SPDX-License-Identifier: ISC
// The octets of DATA up to CRLF "." CRLF, transparency undone (RFC 5321, 4.5.2). Only this one
// sequence ends a message, whatever stray CR or LF stands around.
#ifndef TOOLS_BODY_H
#define TOOLS_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/text.h"

struct body {
    enum { BODY_START, BODY_TEXT, BODY_CR, BODY_DOT, BODY_DOT_CR, BODY_END } state;
    bool unstuffed; // a line began with a dot that was neither doubled nor the end
};

// Takes in octets and appends what they mean to *out; returns how many were taken: all, or
// those up to the end of the message, the state then being BODY_END. A zeroed *b begins a
// message.
size_t body_push(struct body *b, struct span in, struct buf *out) __attribute__((nonnull));

#endif
