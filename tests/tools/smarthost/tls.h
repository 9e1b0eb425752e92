// SPDX-License-Identifier: ISC
// The server's side of TLS, and the only file here beside certs.c, auth.c and scram.c that
// knows OpenSSL.
#ifndef TOOLS_TLS_H
#define TOOLS_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"

struct tls_server; // certificate and settings
struct tls;        // one connection

// Clients are asked for a certificate of the authority in the file `ca`, unless that is NULL;
// they get no further without one where it is `demanded`.
struct tls_clients {
    const char *ca;
    bool demanded;
};

// A server with this certificate chain and key. `newest` is the newest version it speaks, such
// as "1.1", or NULL for what the library has. NULL, and the reason in *why, on failure. Lives
// as long as the process.
struct tls_server *tls_server_new(const char *cert, const char *key, struct tls_clients clients,
                                  const char *newest, struct buf *why)
    __attribute__((nonnull(1, 2, 5)));

// The handshake on a connected socket. *what tells what was agreed, such as "TLSv1.3", or why
// there is no connection (NULL).
struct tls *tls_accept(struct tls_server *server, int fd, struct buf *what)
    __attribute__((nonnull, warn_unused_result));

// How often the client spoke in the handshake without having seen what we said in between; what
// it may say along with its first command is not counted.
unsigned tls_flights(const struct tls *t) __attribute__((nonnull));

// Appends what binds a login to the connection, of the kind "tls-exporter" (RFC 9266) or
// "tls-server-end-point" (RFC 5929).
bool tls_binding(struct tls *t, const char *kind, struct buf *out)
    __attribute__((nonnull, warn_unused_result));
// Appends the common name in the client's certificate; nothing where it showed none.
void tls_client(struct tls *t, struct buf *out) __attribute__((nonnull));

// As read(2) and write(2) on a blocking socket.
ssize_t tls_read(struct tls *t, void *p, size_t n) __attribute__((nonnull));
ssize_t tls_write(struct tls *t, const void *p, size_t n) __attribute__((nonnull));

// Ends it, with a close_notify if `notify`; the socket stays open.
void tls_free(struct tls *t, bool notify) __attribute__((nonnull));

#endif
