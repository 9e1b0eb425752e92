// SPDX-License-Identifier: ISC
// The octets between the session and the smarthost, whatever lies between: a bare socket or
// TLS. The session drives it without knowing which. Nothing here ever waits: where it would, it
// says what to poll for.
#ifndef SUBMIT_TRANSPORT_H
#define SUBMIT_TRANSPORT_H

#include <stddef.h>
#include <sys/types.h>

struct transport {
    int fd;
    // Octets moved; 0 of read is the end of the stream; -1 and errno on failure, EAGAIN where
    // `want` tells what to wait for. What read has not given yet may lie decoded in the layer,
    // so a reader goes on until EAGAIN before it polls.
    ssize_t (*read)(struct transport *t, void *p, size_t n);
    ssize_t (*write)(struct transport *t, const void *p, size_t n);
    // The poll events on fd that let a reader (POLLIN) or a writer (POLLOUT), or both, go on:
    // TLS may have to write in order to read, and the other way round.
    short (*want)(struct transport *t, short events);
    // Why the last read or write failed, whose errno that was. Valid until the next call.
    const char *(*why)(struct transport *t, int error);
};

// A transport over the connected, non-blocking socket itself. It does not own fd.
void transport_plain(struct transport *t, int fd) __attribute__((nonnull));

#endif
