// SPDX-License-Identifier: ISC
// The text behind DATA (RFC 5321, 4.5.2): where it ends, and which dots were put in front of
// its lines. How the DATA line itself ended says how the client ends its lines. After CR LF
// only CR LF ends a line here, so a lone LF, whoever wrote it into the message, can neither end
// the message early nor begin a command. After a lone LF an LF ends a line, whatever stands
// before it.
#ifndef SENDMAIL_STUFFING_H
#define SENDMAIL_STUFFING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum stuffing_state {
    STUFFING_START,  // of a line
    STUFFING_DOT,    // a dot stands there, and is held back
    STUFFING_DOT_CR, // and a CR
    STUFFING_TEXT,
    STUFFING_END,
};

struct stuffing {
    enum stuffing_state state;
    bool crlf;
    bool after_cr; // the last octet of the text was CR
};

void stuffing_init(struct stuffing *s, bool crlf) __attribute__((nonnull));

// Takes octets off *in, and puts those that belong to the message to `out`, where there is room
// for `room` of them, at least 2; returns how many that were. *in is used up unless the room
// was, or the text has ended (state STUFFING_END): what is left then comes behind the text.
size_t stuffing_take(struct stuffing *s, struct span *in, char *out, size_t room)
    __attribute__((nonnull));

#endif
