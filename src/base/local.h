// SPDX-License-Identifier: ISC
// Stream sockets between processes of this host (unix(7)). No call here waits, but where a
// deadline is given (clock_steady); a signal ends none of them, and a peer who is gone is
// EPIPE, never SIGPIPE. -1 and errno on failure.
#ifndef BASE_LOCAL_H
#define BASE_LOCAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Listens at `path`, in place of what is there; anybody may connect. The caller has made sure
// that nobody else listens there, and closes the descriptor.
int local_listen(const char *path) __attribute__((nonnull, warn_unused_result));
// Whether fd is a stream socket of this kind that listens (one that a service manager made).
bool local_is_listening(int fd);
// The next client: EAGAIN where there is none. The caller closes the descriptor.
int local_accept(int fd) __attribute__((warn_unused_result));
// The user who connected, as the kernel knows him.
int local_peer(int fd, uid_t *uid) __attribute__((nonnull, warn_unused_result));

// Connects; EAGAIN where the listener had no room for us until the deadline. The caller closes
// the descriptor.
int local_connect(const char *path, int64_t deadline)
    __attribute__((nonnull, warn_unused_result));

// Octets sent or received, of those that fit now (EAGAIN: none); 0 received at the end.
ssize_t local_send(int fd, const void *p, size_t n)
    __attribute__((nonnull, warn_unused_result));
ssize_t local_receive(int fd, void *p, size_t n) __attribute__((nonnull, warn_unused_result));

// Waits until fd is ready for one of poll(2)'s `events`, or has failed. Returns what it is
// ready for; 0, and errno ETIMEDOUT, once the deadline has passed.
short local_wait(int fd, short events, int64_t deadline) __attribute__((warn_unused_result));

#endif
