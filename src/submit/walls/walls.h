// SPDX-License-Identifier: ISC
// What shuts the process in. walls_begin comes before the secret: no dump of its memory, no
// stranger's environment, libraries that wipe what they free. walls_close comes when the config
// and the secret are read, the libraries loaded and a program for the secret has run, and
// before any byte of the network, DNS's included, is parsed: no root, no capabilities, no new
// privileges, little to use, little to reach, few system calls.
//
// A kernel that lacks one of the last two is gone on with; all others must hold.
#ifndef SUBMIT_WALLS_H
#define SUBMIT_WALLS_H

#include <stdbool.h>

#include "base/buf.h"
#include "config/config.h"
#include "message/outcome.h"

// What is in force.
struct walls {
    struct buf state; // for people; the caller's
    bool gap;         // something is missing
};

// Returns 0, or -1 and errno.
int walls_begin(void) __attribute__((warn_unused_result));

// Closes them for good. What is in force, and what is not and why, is told in *w. False, and
// *trouble told, where the process must not go on.
bool walls_close(const struct config *c, const struct config_account *a, struct walls *w,
                 struct outcome *trouble) __attribute__((nonnull, warn_unused_result));

#endif
