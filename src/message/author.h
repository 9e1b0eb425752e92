// SPDX-License-Identifier: ISC
// Who a field of authors (From, Resent-From) says it is from: as much as is needed to put
// another address there and lose nothing that a reader would miss. It knows of no policy.
#ifndef MESSAGE_AUTHOR_H
#define MESSAGE_AUTHOR_H

#include <stdbool.h>

#include "base/buf.h"

struct author {
    // One mailbox with a domain, that can be replaced where it stands: no group, no name that
    // is only there as a comment, none that would be read as an address.
    bool lone;
    struct span source; // where the first mailbox stands in the body
    struct buf mailbox; // what it is (RFC 5321); empty where the field is broken

    // A display name for it, ready to stand before an angle bracket: its own; else the comment
    // behind it, as in "root (Cron Daemon)"; else the local part of a bare one; of a broken
    // field whatever words it consists of. May be empty.
    struct buf name;

    struct buf full; // all its mailboxes that have a domain, as an address list; may be empty
    bool foreign;    // one of those is not `own`
};

// Reads a field's body. The caller ends it with author_free.
void author_read(struct author *a, struct span body, struct span own) __attribute__((nonnull));
void author_free(struct author *a) __attribute__((nonnull));

// Appends a mailbox behind its display name, if there is one, which is ready to stand there.
void author_put(struct buf *out, struct span name, struct span mailbox)
    __attribute__((nonnull));

#endif
