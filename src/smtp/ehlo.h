// SPDX-License-Identifier: ISC
// What a server says it can do (RFC 5321, 4.1.1.1; RFC 1870, 4954, 9422). Capabilities are
// hints, never promises: each is forgotten with STARTTLS and may be refused when used.
#ifndef SMTP_EHLO_H
#define SMTP_EHLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define EHLO_CAPABILITIES(X)                      \
    X(PIPELINING, "PIPELINING")                   \
    X(SIZE, "SIZE")                               \
    X(8BITMIME, "8BITMIME")                       \
    X(STARTTLS, "STARTTLS")                       \
    X(AUTH, "AUTH")                               \
    X(DSN, "DSN")                                 \
    X(SMTPUTF8, "SMTPUTF8")                       \
    X(CHUNKING, "CHUNKING")                       \
    X(BINARYMIME, "BINARYMIME")                   \
    X(ENHANCEDSTATUSCODES, "ENHANCEDSTATUSCODES") \
    X(REQUIRETLS, "REQUIRETLS")                   \
    X(LIMITS, "LIMITS")

#define EHLO_ENUM(name, keyword) EHLO_BIT_##name,
enum ehlo_bit { EHLO_CAPABILITIES(EHLO_ENUM) EHLO_BITS };
#undef EHLO_ENUM
#define EHLO_ENUM(name, keyword) EHLO_##name = 1 << EHLO_BIT_##name,
enum ehlo_capability { EHLO_CAPABILITIES(EHLO_ENUM) EHLO_NONE = 0 };
#undef EHLO_ENUM

enum {
    EHLO_MECHANISM_MAX = 20,    // octets of a SASL mechanism's name (RFC 4422, 3.1)
    EHLO_MECHANISMS_MAX = 1023, // octets of all of them
};

struct ehlo {
    unsigned capabilities;    // a set of enum ehlo_capability
    uint64_t size;            // octets of the largest message, 0 for unknown
    uint64_t mail_max;        // transactions of a session, 0 for unknown (RFC 9422)
    uint64_t rcpt_max;        // recipients of a transaction
    uint64_t rcpt_domain_max; // their domains
    char mechanisms[EHLO_MECHANISMS_MAX + 1]; // upper case, parted by one space
};

// Reads the text of a 250 reply to EHLO: a greeting line, then one line for each capability.
// What is not understood is passed over.
void ehlo_parse(struct ehlo *e, struct span text) __attribute__((nonnull));
bool ehlo_has(const struct ehlo *e, enum ehlo_capability c) __attribute__((nonnull));
// The keyword of a capability, by its number.
const char *ehlo_keyword(enum ehlo_bit bit) __attribute__((returns_nonnull));

// An upper-case name such as RFC 4422 allows for a mechanism.
bool ehlo_is_mechanism(struct span name);

#endif
