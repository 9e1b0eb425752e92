// SPDX-License-Identifier: ISC
// One flusher for each spool. The kernel lets go of a lock when its holder dies, however it
// dies, so a lock is never broken and its file never removed.
#ifndef SPOOL_LOCK_H
#define SPOOL_LOCK_H

#include "base/buf.h"

#define LOCK_NAME "lock"

// Octets at the head of a lock's file that tell who holds it; what follows is the caller's.
enum { LOCK_HOLDER_WIDTH = 17 };

// Takes the lock `name` in the directory `dir` without waiting, making its file if need be.
// Returns a descriptor; closing it gives the lock back. -1 and errno otherwise: EWOULDBLOCK
// where somebody holds it, ENOLCK where the file system has no locks, EPERM where what bears
// the name is no file of ours.
int lock_take(int dir, const char *name) __attribute__((nonnull, warn_unused_result));

// Who holds it, as he wrote it down ("pid 123"), cleaned; for a person to read, nothing else.
void lock_holder(int dir, const char *name, struct buf *out) __attribute__((nonnull));

#endif
