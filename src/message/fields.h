// SPDX-License-Identifier: ISC
// THE table of header fields: what injection does to each. All that walks a header on the way
// in asks this table, and nothing else, which field it has before it.
#ifndef MESSAGE_FIELDS_H
#define MESSAGE_FIELDS_H

#include "base/text.h"

enum {
    FIELD_DROPPED = 1,     // never stored
    FIELD_HARVESTED = 2,   // names recipients (-t)
    FIELD_COMPLETED = 4,   // its bare addresses get a domain
    FIELD_DESTINATION = 8, // tells a reader whom the message is for
    FIELD_RESENT = 16,     // belongs to a Resent- block (RFC 5322, 3.6.6)
    FIELD_ADDED = 32,      // made where it is missing; of a Resent- block, where there is one
    FIELD_NOT_EMPTY = 64,  // without content it is not stored, and counts as missing
};

// Bcc, and its like, tells who else got the message. Return-Path is the last server's to write
// (RFC 5321, 4.4). Content-Length counts the octets of another form of the body. Fields that
// bear our own name (Sendoff-...) stay: our block is known by its place.
#define FIELDS(X)                                                                        \
    X(BCC, "Bcc", FIELD_DROPPED | FIELD_HARVESTED)                                       \
    X(RESENT_BCC, "Resent-Bcc", FIELD_DROPPED | FIELD_HARVESTED | FIELD_RESENT)          \
    X(RETURN_PATH, "Return-Path", FIELD_DROPPED)                                         \
    X(CONTENT_LENGTH, "Content-Length", FIELD_DROPPED)                                   \
    X(TO, "To", FIELD_HARVESTED | FIELD_COMPLETED | FIELD_DESTINATION | FIELD_NOT_EMPTY) \
    X(CC, "Cc", FIELD_HARVESTED | FIELD_COMPLETED | FIELD_DESTINATION | FIELD_NOT_EMPTY) \
    X(RESENT_TO, "Resent-To",                                                            \
      FIELD_HARVESTED | FIELD_COMPLETED | FIELD_DESTINATION | FIELD_RESENT)              \
    X(RESENT_CC, "Resent-Cc",                                                            \
      FIELD_HARVESTED | FIELD_COMPLETED | FIELD_DESTINATION | FIELD_RESENT)              \
    X(SENDER, "Sender", FIELD_COMPLETED)                                                 \
    X(REPLY_TO, "Reply-To", FIELD_COMPLETED)                                             \
    X(RESENT_FROM, "Resent-From", FIELD_COMPLETED | FIELD_RESENT)                        \
    X(RESENT_SENDER, "Resent-Sender", FIELD_COMPLETED | FIELD_RESENT)                    \
    X(RESENT_REPLY_TO, "Resent-Reply-To", FIELD_COMPLETED | FIELD_RESENT)                \
    X(RESENT_DATE, "Resent-Date", FIELD_ADDED | FIELD_RESENT)                            \
    X(RESENT_MESSAGE_ID, "Resent-Message-ID", FIELD_ADDED | FIELD_RESENT)                \
    X(FROM, "From", FIELD_ADDED | FIELD_COMPLETED | FIELD_NOT_EMPTY)                     \
    X(DATE, "Date", FIELD_ADDED | FIELD_NOT_EMPTY)                                       \
    X(MESSAGE_ID, "Message-ID", FIELD_ADDED | FIELD_NOT_EMPTY)

// FIELD_OTHER is every field that is not in the table; its flags are 0.
#define FIELDS_ID(id, name, flags) FIELD_##id,
enum field_id { FIELDS(FIELDS_ID) FIELD_OTHER };
#undef FIELDS_ID

enum field_id field_find(struct span name);
unsigned field_flags(enum field_id id);
// "" for FIELD_OTHER.
const char *field_title(enum field_id id) __attribute__((returns_nonnull));

#endif
