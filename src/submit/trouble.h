// SPDX-License-Identifier: ISC
// Why the line or the account is in trouble, as the `session` line will tell it. Trouble judges
// no message: it is always DEFERRED, in the scope SESSION (DESIGN 5.5).
#ifndef SUBMIT_TROUBLE_H
#define SUBMIT_TROUBLE_H

#include <stdbool.h>

#include "message/outcome.h"

// What kind of trouble, and its enhanced status code (RFC 3463, 3; RFC 4954, 6).
#define TROUBLE_KINDS(X)                                                           \
    X(TROUBLE_SYSTEM, 3, 0)  /* this machine: memory, descriptors */               \
    X(TROUBLE_CONFIG, 3, 5)  /* what the administrator or the user has set up */   \
    X(TROUBLE_CONNECT, 4, 1) /* nobody answers there */                            \
    X(TROUBLE_LOST, 4, 2)    /* the connection broke, or the server fell silent */ \
    X(TROUBLE_DNS, 4, 3)     /* the host's name has no address now */              \
    X(TROUBLE_ROUTE, 4, 4)   /* nothing leaves this process, whoever is asked */   \
    X(TROUBLE_WEAK, 7, 4)    /* no security feature that both sides have */        \
    X(TROUBLE_TLS, 7, 5)     /* the handshake, the certificate */                  \
    X(TROUBLE_AUTH, 7, 8)    /* what SASL makes of the server's answers */

#define TROUBLE_ENUM(name, subject, detail) name,
enum trouble_kind { TROUBLE_KINDS(TROUBLE_ENUM) };
#undef TROUBLE_ENUM

// Makes *o that trouble; the text says in which phase and why, and is cleaned and cut.
void trouble_set(struct outcome *o, enum trouble_kind kind, const char *fmt, ...)
    __attribute__((nonnull, format(printf, 3, 4)));

// Whether it is of that kind, by its status code.
bool trouble_is(const struct outcome *o, enum trouble_kind kind) __attribute__((nonnull));

#endif
