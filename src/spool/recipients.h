// SPDX-License-Identifier: ISC
// From the recipients as they were named to those that are stored. A bare local name goes
// through the aliases file; a name that is no alias goes to local_to; where there is none it
// gets the domain; where none is known it stays bare. A name with a domain, also our own, is
// never looked up.
//
// Nothing in the aliases file refuses or loses mail (HAZARDS 22): a value that can not be used
// is skipped and told, and where nothing of an entry is left its name goes on as if it had
// none. The file is read once, and only if there is a bare name.
#ifndef SPOOL_RECIPIENTS_H
#define SPOOL_RECIPIENTS_H

#include "base/buf.h"
#include "message/envelope.h"

struct recipients_rules {
    const char *aliases;  // the file's path; "" for none
    struct span local_to; // a complete mailbox, or empty
    struct span domain;   // empty where none is known
    struct span options;  // for recipients that have none of their own: "NOTIFY=...", or empty

    // Each may be NULL. `complaint` is "FILE:LINE: NAME: what"; `trail` is how the mailbox came
    // about: "root -> ada@example.org (/etc/aliases:3)".
    void (*skipped)(void *arg, const char *complaint);
    void (*reached)(void *arg, struct span mailbox, const char *trail);
    void *arg;
};

// Adds to *e whom the recipients of *named lead to, each once, with its options. False, with
// the complaint in *why, where there are too many for an envelope or a named one is too long.
bool recipients_resolve(struct envelope *e, const struct envelope *named,
                        const struct recipients_rules *rules, struct buf *why)
    __attribute__((nonnull, warn_unused_result));

// Appends the mailbox, with the domain where it is bare and one is known. The null path stays.
void recipients_complete(struct buf *out, struct span mailbox, struct span domain)
    __attribute__((nonnull));

#endif
