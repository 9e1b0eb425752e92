// SPDX-License-Identifier: ISC
// Who a message is from and to: what MAIL and RCPT will say (RFC 5321, 4.1.1; RFC 3461, 4).
// Addresses are kept as RFC 5321 mailboxes without angle brackets, "" being the null sender; a
// bare local name ("root") has no domain yet. Nothing in an envelope holds a control character:
// that is checked where it is put in, so no command, log or spool line can be broken by it.
#ifndef MESSAGE_ENVELOPE_H
#define MESSAGE_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
    ENVELOPE_ADDRESS_MAX = 1024,    // octets; RFC 5321 says 256, a local part may be encoded
    ENVELOPE_OPTIONS_MAX = 1024,    // octets of one set of ESMTP parameters
    ENVELOPE_RECIPIENTS_MAX = 65536 // of one message, whatever the config allows
};

// How a recipient stands. The value is the status byte in the spool.
enum recipient_status {
    RECIPIENT_WAITING = 'W',
    RECIPIENT_DELIVERED = 'D',
    RECIPIENT_FAILED = 'F',   // for good; its report is owed
    RECIPIENT_REPORTED = 'R', // for good, and nobody is to be told any more
};

struct recipient {
    size_t address; // where it begins in envelope.text; ends with NUL
    size_t options; // likewise: "NOTIFY=... ORCPT=...", or ""
    enum recipient_status status;
    size_t at;          // offset of its status byte in the spool file, 0 if in none
    uint16_t code;      // last SMTP reply code, 0 for none
    uint16_t detail[3]; // last enhanced status code (RFC 3463), 0.0.0 for none
};

struct envelope {
    size_t sender;  // where it begins in text
    size_t options; // ESMTP parameters of MAIL but SIZE, parted by one space, or ""
    struct buf text;
    struct buf list;  // of struct recipient
    struct buf slots; // hash table over list: uint32_t, place + 1, 0 for free
};

// Whether two mailboxes are the same: their local parts octet by octet, their domains but for
// case (RFC 5321, 2.4).
bool envelope_same(struct span a, struct span b);

// An empty envelope from the null sender. The caller ends it with envelope_free.
void envelope_init(struct envelope *e) __attribute__((nonnull));
void envelope_free(struct envelope *e) __attribute__((nonnull));

// Each false, and nothing changed, where the text holds a control character or NUL, or is too
// long, or there are too many recipients.
bool envelope_set_sender(struct envelope *e, struct span mailbox)
    __attribute__((nonnull, warn_unused_result));
bool envelope_set_options(struct envelope *e, struct span options)
    __attribute__((nonnull, warn_unused_result));
// Adds a waiting recipient. A mailbox that is there already (the domain's case aside) is not
// added twice: true, and the first keeps its options.
bool envelope_add(struct envelope *e, struct span mailbox, struct span options)
    __attribute__((nonnull, warn_unused_result));

// C strings, valid until the next change of the envelope.
const char *envelope_sender(const struct envelope *e) __attribute__((nonnull, returns_nonnull));
const char *envelope_options(const struct envelope *e)
    __attribute__((nonnull, returns_nonnull));
size_t envelope_count(const struct envelope *e) __attribute__((nonnull));
// i is below envelope_count. Valid until the next recipient is added.
struct recipient *envelope_recipient(const struct envelope *e, size_t i)
    __attribute__((nonnull, returns_nonnull));
const char *envelope_address(const struct envelope *e, size_t i)
    __attribute__((nonnull, returns_nonnull));
const char *envelope_recipient_options(const struct envelope *e, size_t i)
    __attribute__((nonnull, returns_nonnull));
// Recipients that still wait.
size_t envelope_waiting(const struct envelope *e) __attribute__((nonnull));

#endif
