// SPDX-License-Identifier: ISC
// Whose process it is: root's no more, once the secret was read (HAZARDS 2), and without any
// capability in any case. No byte of the network is read as root where the kernel lets us go.
#ifndef SUBMIT_PRIVILEGE_H
#define SUBMIT_PRIVILEGE_H

#include <sys/types.h>

enum {
    PRIVILEGE_NOBODY = 65534 // the kernel's overflow uid and gid, that own nothing
};

enum privilege_answer {
    PRIVILEGE_KEPT,     // we are not root: only capabilities were to be given up
    PRIVILEGE_DROPPED,  // to the account
    PRIVILEGE_STAND_IN, // there is no such account, so to PRIVILEGE_NOBODY
    PRIVILEGE_ALONE,    // there is no other uid to go to: root's it stays, without capabilities
    PRIVILEGE_TROUBLE   // and errno; nothing may go on
};

// Goes to that account's uid and gid, with no other group, for good.
enum privilege_answer privilege_drop(const char *account)
    __attribute__((nonnull, warn_unused_result));

#endif
