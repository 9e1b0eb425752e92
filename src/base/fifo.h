// SPDX-License-Identifier: ISC
// A FIFO as a bell: whoever has news puts an octet in without waiting, and whoever listens
// takes out all that is there. Octets mean nothing, and none is missed: the news is elsewhere.
#ifndef BASE_FIFO_H
#define BASE_FIFO_H

#include <stdbool.h>
#include <sys/types.h>

// Rings: one octet. 0 where somebody listens; a FIFO that is full was rung before, which is as
// good. -1 and errno otherwise: ENXIO where nobody listens, ENOENT where there is no FIFO,
// EPERM where what bears the name is no FIFO of root's or the effective user's. Never waits.
int fifo_ring(const char *path) __attribute__((nonnull, warn_unused_result));

// Whether somebody listens. Nothing is rung.
bool fifo_is_heard(const char *path) __attribute__((nonnull));

// Opens the FIFO for listening, making it if it is missing, and gives it this mode. It is
// opened for both reading and writing, so that it does not end when a ringer leaves. A
// descriptor, or -1 and errno: EPERM where what bears the name is no FIFO of ours.
int fifo_listen(const char *path, mode_t mode) __attribute__((nonnull, warn_unused_result));

// Takes out what is there, at most a megabyte of it. Whether there was anything.
bool fifo_empty(int fd);

#endif
