// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/spools/identity.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <unistd.h>

#include "base/process.h"

// What to go back to.
static struct {
    struct identity id;
    int n;
    gid_t groups[NGROUPS_MAX];
} ours;
static bool entered;

static int remember(void)
{
    ours.n = getgroups(NGROUPS_MAX, ours.groups);
    ours.id = (struct identity){geteuid(), getegid()};
    return ours.n >= 0 ? 0 : -1;
}

int identity_enter(const struct identity *id)
{
    if (entered)
        process_abandon("one user's identity was entered out of another's");
    if (id->uid == geteuid())
        return 0;
    if (remember())
        return -1;
    entered = true;
    // The uid comes last: with it goes the right to change the others.
    if (setgroups(0, NULL) || setegid(id->gid) || seteuid(id->uid)) {
        identity_leave();
        return -1;
    }
    return 0;
}

void identity_leave(void)
{
    int kept = errno;
    if (!entered)
        return;
    entered = false;
    if (seteuid(ours.id.uid) || setegid(ours.id.gid))
        process_abandon("our own identity can not be had again");
    // Where groups can not be set (a user namespace that denies it) they were never changed.
    if (setgroups((size_t)ours.n, ours.groups) && errno != EPERM)
        process_abandon("our own groups can not be had again");
    errno = kept;
}

// Root without CAP_SETUID gets EPERM, in a namespace that maps no other uid EINVAL.
bool identity_may_change(void)
{
    static enum { UNASKED, YES, NO } answer;
    if (answer == UNASKED) {
        static const struct identity daemon = {1, 1};
        answer = geteuid() == 0 && identity_enter(&daemon) == 0 ? YES : NO;
        identity_leave();
    }
    return answer == YES;
}
