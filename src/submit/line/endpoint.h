// SPDX-License-Identifier: ISC
// An address of the network with its port: its text, and whose it is.
#ifndef SUBMIT_ENDPOINT_H
#define SUBMIT_ENDPOINT_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/buf.h"

struct endpoint {
    socklen_t length; // 0 where there is none
    struct sockaddr_storage at;
};

// The address as text, without its port, appended to *out.
void endpoint_put(struct buf *out, const struct endpoint *e) __attribute__((nonnull));

// Whether it is this machine's own.
bool endpoint_is_loopback(const struct endpoint *e) __attribute__((nonnull));

enum { ENDPOINT_SOURCES = 2 }; // one of IPv4 and one of IPv6

// Reads the addresses of this host to connect from, parted by blanks. Those that are not there
// have the length 0. False where a word is no address.
bool endpoint_sources(struct endpoint source[ENDPOINT_SOURCES], struct span text)
    __attribute__((nonnull, warn_unused_result));

// Of these the one of that family, or NULL.
const struct endpoint *endpoint_of_family(const struct endpoint source[ENDPOINT_SOURCES],
                                          int family) __attribute__((nonnull));

#endif
