// SPDX-License-Identifier: ISC
// The sender policy: who a message is from once it leaves this host, in its envelope and in its
// header. It works on what is about to be sent, whatever injection or the spool's owner made of
// it (HAZARDS 9), and knows neither the config nor the host it runs on.
//
//   keep     every octet as it was stored
//   qualify  bare addresses get a domain, in the envelope and in the fields that fields.h says
//   force    the same; and one address stands in for the envelope sender, for all authors in
//            From and for those in each Resent-From. Display names stay. Sender and
//            Resent-Sender go, which would only tell what is no longer so (RFC 5322, 3.6.2).
//            Authors who could be replied to become Reply-To where there is none.
#ifndef MESSAGE_POLICY_H
#define MESSAGE_POLICY_H

#include <stdbool.h>

#include "base/buf.h"
#include "message/fixup.h"

enum {
    POLICY_MAX = 2 * FIXUP_MAX
}; // octets of a header that goes out: the cap *out should have

enum policy_mode { POLICY_KEEP, POLICY_QUALIFY, POLICY_FORCE };

struct policy {
    enum policy_mode mode;
    bool rewrite_null;  // the null sender becomes `from`, in any mode
    struct span domain; // completes bare addresses; empty where none is known
    struct span from;   // the mailbox that stands in, as policy_from makes it; not empty with
                        // POLICY_FORCE or rewrite_null
    struct span login;  // whose mail it is: the display name where nothing better is left
};

// Fills in the config's pattern and appends the mailbox: %u becomes the login name, %h the
// host's, %% a '%'. What in a name is no ASCII letter, digit, '.', '_', '+' or '-' becomes '-'.
// False, with nothing appended, where that makes no address with a domain.
bool policy_from(struct buf *out, struct span pattern, struct span login, struct span host)
    __attribute__((nonnull, warn_unused_result));

// Appends the envelope sender to use; nothing for the null sender. False where it is bare, the
// policy would complete it and there is no domain to do so.
bool policy_sender(struct buf *out, const struct policy *p, struct span sender)
    __attribute__((nonnull, warn_unused_result));

// Appends the header as it goes out, without the blank line behind it; `header` is the text of
// a struct header. False where it does not fit into *out.
bool policy_header(struct buf *out, const struct policy *p, struct span header)
    __attribute__((nonnull, warn_unused_result));

#endif
