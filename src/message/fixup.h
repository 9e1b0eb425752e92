// SPDX-License-Identifier: ISC
// From the header as it was given to the header that is stored: Bcc gone, recipients gathered,
// bare names completed, Date, Message-ID and From added where they are missing (RFC 5322, 3.6;
// RFC 6409, 8). Which field is treated how stands in one table (fields.h). Bytes that are not
// in need of any of this stay as they came.
#ifndef MESSAGE_FIXUP_H
#define MESSAGE_FIXUP_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/buf.h"
#include "message/date.h"
#include "message/envelope.h"
#include "message/header.h"

enum { FIXUP_MAX = 2 * HEADER_MAX }; // octets of a stored header: the cap *out should have

// All that is known beside the message. Spans may be empty unless said otherwise.
struct fixup_facts {
    bool harvest;        // -t: the header names recipients
    bool gateway;        // -G: nothing is added or completed
    struct span domain;  // completes bare names
    struct span mailbox; // of a From field that must be made; may be bare, not empty
    struct span name;    // its display name, as plain text (-F, or phrase_gecos)
    struct tm local;     // the time, with `offset` as clock_local gives them
    int offset;
    unsigned char random[2][DATE_RANDOM]; // for a Message-ID and a Resent-Message-ID
};

enum fixup_answer {
    FIXUP_DONE,
    FIXUP_ADDRESS, // an address among the recipients is none: *why names field, reason and text
    FIXUP_MANY,    // more recipients than an envelope takes
    FIXUP_LONG,    // the result does not fit into *out
};

// Appends the stored header to *out, without the blank line behind it, and with `harvest` adds
// the recipients to *e: those of To, Cc and Bcc, or those of the first Resent- block that has
// any. They are added as they were written, so a bare name is still bare. *why is cleaned text.
// After any answer but FIXUP_DONE *out and *e may hold a part of the result.
enum fixup_answer fixup(struct buf *out, struct envelope *e, struct buf *why,
                        const struct header *h, const struct fixup_facts *facts)
    __attribute__((nonnull, warn_unused_result));

#endif
