// SPDX-License-Identifier: ISC
// Tells the sender of a message what became of it: composes the report and queues it, from <>,
// in the spool that the message lies in. It is durable before the message is touched, so a
// crash can bring a second report and never none.
#ifndef SENDOFF_REPORT_H
#define SENDOFF_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "message/bounce/bounce.h"
#include "message/bounce/digest.h"
#include "sendoff/pass/quota.h"
#include "sendoff/spools/identity.h"
#include "sendoff/spools/worklist.h"
#include "spool/entry.h"

struct reports {
    const struct config *config;
    const struct config_account *account;
    const struct maildir *maildir;
    const struct identity *owner; // entered by who calls us; NULL: none was
    uid_t uid;                    // whose spool it is
    bool shared;                  // the quota is kept where all users have a line
    bool drop;                    // the drop's: each message is its Uid's
    struct worklist *list;        // of the pass, which leaves our reports to the next; or NULL
    struct quota quota;
    uint64_t expire; // seconds, for the notice of a delay
    uint64_t queued; // by this pass
    const char *why; // after REPORT_NOWHERE and REPORT_TROUBLE: a few words
};

enum report_answer {
    REPORT_QUEUED,   // and durable
    REPORT_UNWANTED, // by none of the recipients' NOTIFY
    REPORT_NOWHERE,  // there is nobody to tell, now or later
    REPORT_LATER,    // there were enough of them in this hour
    REPORT_TROUBLE,  // it could not be written; nothing is left of it
};

// Whose message of that spool it is.
uid_t report_uid(const struct reports *r, const struct block *b) __attribute__((nonnull));

// Reports on the message that n recipients in *list (rearranged: those who want no report go)
// failed or wait. `relay` is whose words their outcomes are, or "".
enum report_answer report_send(struct reports *r, enum bounce_kind kind, const struct entry *e,
                               struct bounce_recipient *list, size_t n, const char *relay)
    __attribute__((nonnull, warn_unused_result));

// Sends the digest to the senders' common address, or to the spool's user where `sender` is
// NULL.
enum report_answer report_digest(struct reports *r, const struct digest *d, const char *sender)
    __attribute__((nonnull(1, 2), warn_unused_result));

#endif
