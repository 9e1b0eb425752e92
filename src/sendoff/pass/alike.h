// SPDX-License-Identifier: ISC
// Three messages refused for good with one code, none accepted in that session: that is the
// account (suspended, over its quota, not allowed to send as somebody), not the messages. Where
// two users have mail they have to be of two: what one user sends may well be refused alike for
// its own sake. So the first refusals of a session are kept until something is accepted, there
// are enough of them, or the session ends (HAZARDS 27).
#ifndef SENDOFF_ALIKE_H
#define SENDOFF_ALIKE_H

#include <stdbool.h>
#include <sys/types.h>

#include "sendoff/pass/settle.h"

enum {
    ALIKE_MANY = 3,
    ALIKE_KEPT = 16 // of one user; so many are his own, whatever became of the others' mail
};

struct alike {
    bool accepted;  // a message was
    bool convicted; // there were as many as that; whatever is refused alike from now on waits
    struct parcel *kept[ALIKE_KEPT];
    size_t n;
    uid_t user; // whose the first one is
    bool users; // there is one of another
};

// Looks at a message of `user` with all its outcomes; `several`: two users have mail. False
// where it was kept; it must not be settled then. True where it is to be settled: as it is, or
// with its refusals turned into deferrals.
bool alike_look(struct alike *a, struct parcel *p, uid_t user, bool several)
    __attribute__((nonnull, warn_unused_result));

// Whether it is kept now.
bool alike_keeps(const struct alike *a, const struct parcel *p) __attribute__((nonnull));
// The next one kept, to be settled too; NULL where there is none, or they are kept on. At the
// session's `end` all are given back.
struct parcel *alike_release(struct alike *a, bool end) __attribute__((nonnull));

#endif
