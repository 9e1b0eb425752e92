// SPDX-License-Identifier: ISC
// TLS towards the smarthost (RFC 8314, RFC 9525). OpenSSL is known to the tls*.c alone.
//
// By default there is one way only: TLS 1.2 or newer, the chain verified up to a trusted root,
// the certificate made for servers and for the name that was asked for; with tls_pin one of the
// chain's keys is pinned besides. tls_verify = pin asks for the server's own key to be pinned,
// and for nothing else. What fails there fails the handshake, before an octet of ours has gone
// through. Whether a certificate was revoked is not asked (sendoff.conf(5)).
#ifndef SUBMIT_TLS_H
#define SUBMIT_TLS_H

#include <stdbool.h>

#include "base/buf.h"
#include "config/config.h"
#include "message/outcome.h"
#include "submit/transport.h"

struct tls;

// Prepares for the account, which is borrowed until tls_free: the trusted roots are
// tls_ca_file, else tls_ca_dir, else the system's directory where it is hashed (nothing is
// parsed before it is needed), else the system's bundle; our own certificate and key are
// tls_cert and tls_key. The environment is not asked. Afterwards files are only opened in a
// hashed directory, in the handshake. NULL, and *trouble set, where that fails. The caller ends
// it with tls_free.
struct tls *tls_new(const struct config_account *a, struct outcome *trouble)
    __attribute__((nonnull, warn_unused_result));
// NULL is accepted.
void tls_free(struct tls *t);

// Takes over the connected, non-blocking socket, which stays the caller's to close. `name` is
// what the certificate must bear: a host name, which is also sent (SNI), or the text of an IP
// address, which is not. A host name that will do as well is `also`, or "".
bool tls_begin(struct tls *t, int fd, const char *name, const char *also,
               struct outcome *trouble) __attribute__((nonnull, warn_unused_result));

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

struct tls_expiry {
    bool known;
    char date[16]; // YYYY-MM-DD, UTC
    int days;      // until then; negative once it has passed
};

struct tls_facts {
    char version[16];
    char cipher[64];
    unsigned bits; // the strength of the cipher
    char subject[256];
    char issuer[256];
    char names[256]; // what it is for
    char key[32];    // "EC 256", "RSA 2048"
    char pin[64];    // of its key, as tls_pin takes it
    struct tls_expiry expires;
    struct tls_expiry own; // of tls_cert; not known where there is none
};

// What was negotiated, and the server's certificate. False before the end of the handshake.
bool tls_facts(struct tls *t, struct tls_facts *facts)
    __attribute__((nonnull, warn_unused_result));

// What binds a login to this connection, appended to *out (RFC 5056).
enum tls_binding_kind {
    TLS_BINDING_EXPORTER,  // "tls-exporter", 32 octets (RFC 9266)
    TLS_BINDING_END_POINT, // "tls-server-end-point", the certificate's hash (RFC 5929, 4)
};

// False, and nothing appended, before the end of the handshake, or where this connection has no
// such binding: the first needs TLS 1.3 or an extended master secret, the second a certificate
// whose signature has a hash function.
bool tls_binding(struct tls *t, enum tls_binding_kind kind, struct buf *out)
    __attribute__((nonnull, warn_unused_result));

// Whether the server asked for a certificate of ours and was shown one (SASL's EXTERNAL).
bool tls_identified(const struct tls *t) __attribute__((nonnull));

// Tells the peer that no more will come, as far as that goes without waiting.
void tls_close(struct tls *t) __attribute__((nonnull));

#endif
