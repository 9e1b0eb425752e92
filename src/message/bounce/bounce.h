// SPDX-License-Identifier: ISC
// Reports to the sender of a message: that recipients of it failed for good, or that it still
// waits (RFC 3461, 6; RFC 3464; RFC 6522). A report is a whole message: words for people, the
// same for programs, and what it is about, of which it returns the header, or all where that
// was asked for and is small. It is bounded, however large the message and many the recipients.
//
// Who gets it, whether it may be sent, and where it is kept is not known here.
#ifndef MESSAGE_BOUNCE_H
#define MESSAGE_BOUNCE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/buf.h"
#include "message/block.h"
#include "message/date.h"
#include "message/envelope.h"
#include "message/outcome.h"

enum {
    BOUNCE_RETURN_MAX = 64 * 1024, // octets of the original that are returned
    BOUNCE_LIST_MAX = 256 * 1024,  // octets of a list of recipients; of others the number
    BOUNCE_MAX = 1024 * 1024,      // octets of a report: the cap *out should have
};

enum bounce_kind {
    BOUNCE_FAILED,  // for good
    BOUNCE_DELAYED, // they wait, and will be tried again
    // Accepted by a smarthost that does not offer DSN, so no report of success can be expected
    // from there (RFC 3461, 5.2.2): only for those whose NOTIFY asks for one.
    BOUNCE_RELAYED,
};

// A point in time, as clock_local gives it.
struct bounce_date {
    struct tm local;
    int offset;
};

// A recipient that the report tells of.
struct bounce_recipient {
    size_t index; // in the envelope
    bool fresh;   // the outcome is of the last attempt; else it was recalled
    struct outcome outcome;
};

struct bounce_facts {
    enum bounce_kind kind;
    const struct envelope *to; // whom the report goes to, for its header
    struct span id;            // the message's queue id
    struct span domain;        // whose mail system reports; may be empty
    struct span relay;         // whose words fresh outcomes are, "host[address]:port", or empty
    struct bounce_date now, arrival;
    struct bounce_date until; // of BOUNCE_DELAYED: when it is given up
    unsigned char random[2][DATE_RANDOM];
};

// Whether a recipient's sender wants such a report: NOTIFY says so, or there is none (RFC 3461,
// 4.1) and it is none of BOUNCE_RELAYED.
bool bounce_is_wanted(const struct envelope *e, size_t recipient, enum bounce_kind kind)
    __attribute__((nonnull));

// How many octets of the message's beginning bounce_put needs, at most BOUNCE_RETURN_MAX.
size_t bounce_wants(const struct block *b) __attribute__((nonnull));

// What is known of a recipient from the spool alone: his codes, and the words where the last
// reply is his.
void bounce_recall(const struct block *b, struct bounce_recipient *r) __attribute__((nonnull));

// Appends the report on the message of that block: its n recipients in *list, and `original`,
// what bounce_wants asked for. False where it does not fit into *out.
bool bounce_put(struct buf *out, const struct bounce_facts *f, const struct block *b,
                const struct bounce_recipient *list, size_t n, struct span original)
    __attribute__((nonnull, warn_unused_result));

// The fields From and To of mail that the mail system writes itself.
void bounce_put_from(struct buf *out, struct span domain) __attribute__((nonnull));
void bounce_put_to(struct buf *out, const struct envelope *to) __attribute__((nonnull));

#endif
