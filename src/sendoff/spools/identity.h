// SPDX-License-Identifier: ISC
// Whose hands touch a user's files: root's pass takes on the owner's effective ids for that
// long, so that the kernel itself refuses what the owner may not do. The real and the saved
// ids stay ours: nobody can signal or trace us, and a file system of the user's own (FUSE)
// answers EACCES instead of letting us wait.
//
// The program is single-threaded. Between identity_enter and identity_leave nothing but the
// owner's spool is touched: no config, no account state, no child is started.
#ifndef SENDOFF_IDENTITY_H
#define SENDOFF_IDENTITY_H

#include <stdbool.h>
#include <sys/types.h>

struct identity {
    uid_t uid;
    gid_t gid;
};

// Whether we are root and the kernel lets us change our ids (containers may not). Asked once.
bool identity_may_change(void);
// Takes on the effective ids of `id`, without supplementary groups; does nothing where the uid
// is ours. It does not nest. 0, or -1 and errno, with our own ids as before.
int identity_enter(const struct identity *id) __attribute__((nonnull, warn_unused_result));
// Ours again; does nothing where nothing was entered. Ends the process where that fails: it
// never goes on as somebody else. Keeps errno.
void identity_leave(void);

#endif
