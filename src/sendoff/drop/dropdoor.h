// SPDX-License-Identifier: ISC
// How the drop comes to its socket and to its account. It is root who makes the one and gives
// up being root for the other, or a service manager has done both.
#ifndef SENDOFF_DROPDOOR_H
#define SENDOFF_DROPDOOR_H

#include <stdbool.h>

#include "base/buf.h"

struct dropdoor {
    int listener; // -1 when closed
    int lock;     // of the socket that we made, else -1
};

// Takes the socket that a service manager gave us, the first of `given` descriptors
// (process_begin_given), or makes one at `path`, in a directory that is made if need be. 0, or
// a status of sysexits(3) with the complaint in *why. The caller ends it with dropdoor_close,
// whatever the answer.
int dropdoor_open(struct dropdoor *d, int given, const char *path, struct buf *why)
    __attribute__((nonnull, warn_unused_result));
void dropdoor_close(struct dropdoor *d) __attribute__((nonnull));

// Where we are root, becomes the drop's account, for good; can gain nothing from now on, and
// open no more than its guests need. Returns as dropdoor_open does.
int dropdoor_enter(struct buf *why) __attribute__((nonnull, warn_unused_result));

// Whether users may come whom the kernel has no number for: we live in a user namespace that
// does not know all of them.
bool dropdoor_has_strangers(void);

#endif
