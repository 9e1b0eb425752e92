// SPDX-License-Identifier: ISC
// TLS towards the smarthost (RFC 8314, RFC 9525). OpenSSL is known to tls.c alone.
//
// There is one way only: TLS 1.2 or newer, the chain verified up to a trusted root, the
// certificate made for servers and for the name that was asked for. What fails there fails the
// handshake, before an octet of ours has gone through.
#ifndef SUBMIT_TLS_H
#define SUBMIT_TLS_H

#include <stdbool.h>

#include "config/config.h"
#include "message/outcome.h"
#include "submit/line/transport.h"

struct tls;

// Prepares for the account: the trusted roots are tls_ca_file, else tls_ca_dir, else the
// system's directory where it is hashed (nothing is parsed before it is needed), else the
// system's bundle. The environment is not asked. NULL, and *trouble set, where that fails. The
// caller ends it with tls_free.
struct tls *tls_new(const struct config_account *a, struct outcome *trouble)
    __attribute__((nonnull, warn_unused_result));
// NULL is accepted.
void tls_free(struct tls *t);

// Takes over the connected, non-blocking socket, which stays the caller's to close. `name` is
// what the certificate must bear: a host name, which is also sent (SNI), or the text of an IP
// address, which is not.
bool tls_begin(struct tls *t, int fd, const char *name, struct outcome *trouble)
    __attribute__((nonnull, warn_unused_result));

enum tls_answer {
    TLS_UP,     // the handshake is over and the peer is who it should be
    TLS_WAIT,   // poll for tls_want, then call again
    TLS_FAILED, // *trouble says why
};

enum tls_answer tls_handshake(struct tls *t, struct outcome *trouble)
    __attribute__((nonnull, warn_unused_result));
short tls_want(struct tls *t) __attribute__((nonnull));

// Once the handshake is over. Valid until tls_free.
struct transport *tls_transport(struct tls *t) __attribute__((nonnull, returns_nonnull));

struct tls_facts {
    char version[16];
    char cipher[64];
    unsigned bits; // the strength of the cipher
    char subject[256];
    char issuer[256];
    char expires[16]; // YYYY-MM-DD, UTC
    int days;         // until then; negative once it has passed
};

// What was negotiated, and the server's certificate. False before the end of the handshake.
bool tls_facts(struct tls *t, struct tls_facts *facts)
    __attribute__((nonnull, warn_unused_result));

// Tells the peer that no more will come, as far as that goes without waiting.
void tls_close(struct tls *t) __attribute__((nonnull));

#endif
