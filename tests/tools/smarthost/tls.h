// SPDX-License-Identifier: ISC
// The server's side of TLS, and the only file here beside certs.c and auth.c that knows
// OpenSSL.
#ifndef TOOLS_TLS_H
#define TOOLS_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"

struct tls_server; // certificate and settings
struct tls;        // one connection

// A server with this certificate chain and key. `newest` is the newest version it speaks, such
// as "1.1", or NULL for what the library has. NULL, and the reason in *why, on failure. Lives
// as long as the process.
struct tls_server *tls_server_new(const char *cert, const char *key, const char *newest,
                                  struct buf *why) __attribute__((nonnull(1, 2, 4)));

// The handshake on a connected socket. *what tells what was agreed, such as "TLSv1.3", or why
// there is no connection (NULL).
struct tls *tls_accept(struct tls_server *server, int fd, struct buf *what)
    __attribute__((nonnull, warn_unused_result));

// As read(2) and write(2) on a blocking socket.
ssize_t tls_read(struct tls *t, void *p, size_t n) __attribute__((nonnull));
ssize_t tls_write(struct tls *t, const void *p, size_t n) __attribute__((nonnull));

// Ends it, with a close_notify if `notify`; the socket stays open.
void tls_free(struct tls *t, bool notify) __attribute__((nonnull));

#endif
