// SPDX-License-Identifier: ISC
// What the tls*.c files share, and nobody else: the one header that names types of OpenSSL.
#ifndef SUBMIT_TLS_INNER_H
#define SUBMIT_TLS_INNER_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "base/buf.h"
#include "submit/tls/pins.h"
#include "submit/tls/tls.h"

struct tls {
    struct transport transport; // first: a transport's functions get back to us by it
    const struct config_account *account;
    SSL_CTX *context;
    SSL *ssl;
    short wants_to_read;  // poll event that the last read, or the handshake, waits for; or 0
    short wants_to_write; // likewise of the last write
    bool up;              // the handshake is over
    bool broken;          // nothing more may be said
    unsigned messages;    // handshake messages since it began, or since it was over
    unsigned long error;  // OpenSSL's code for what broke it, or 0
    char name[256];       // what the certificate must bear
    struct buf reason;    // why the certificate was refused
};

// OpenSSL's first complaint; those behind it only say who passed it on.
const char *tls_complaint(void) __attribute__((returns_nonnull));

// ---- tls_trust.c: whom we trust, and who we are.

// Loads the trusted roots, and our own certificate and key. False, and *trouble set, where
// something that is set can not be used.
bool tls_load_roots(SSL_CTX *context, const struct config_account *a, struct outcome *trouble)
    __attribute__((nonnull, warn_unused_result));
bool tls_load_identity(SSL_CTX *context, const struct config_account *a,
                       struct outcome *trouble) __attribute__((nonnull, warn_unused_result));

// ---- tls_verify.c: whether the certificate will do.

// Has each handshake of the context judged as tls_verify and tls_pin say. What is refused
// leaves its reason in the object that is the SSL's app data. False where memory is short.
bool tls_judge(SSL_CTX *context, const struct config_account *a)
    __attribute__((nonnull, warn_unused_result));

// The pin of a certificate's key. False where it has none that we can read.
bool tls_pin_of(const X509 *cert, unsigned char pin[PINS_OCTETS])
    __attribute__((nonnull, warn_unused_result));

// ---- tls_text.c: texts about certificates, appended to *out, cleaned and cut.

// "2026-11-22", in UTC.
void tls_put_date(struct buf *out, const ASN1_TIME *t) __attribute__((nonnull));
// "CN=smtp.example.org".
void tls_put_subject(struct buf *out, const X509_NAME *name) __attribute__((nonnull));
// "smtp.example.org, 192.0.2.25": what it is for, as many as a line can show; the subject where
// it names nothing.
void tls_put_names(struct buf *out, const X509 *cert) __attribute__((nonnull));

#endif
