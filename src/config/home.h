// SPDX-License-Identifier: ISC
// The effective user's home and environment, as far as they may be believed (HAZARDS 1, 20).
#ifndef CONFIG_HOME_H
#define CONFIG_HOME_H

#include <stdbool.h>

#include "base/buf.h"

// Why the environment is not to be believed, as a clause, or NULL where it is: the caller of a
// program that acts as somebody else could steer it by that.
const char *home_distrust(void);

// The variable's value if it is an absolute path and the environment is to be believed, else
// NULL. Valid as getenv(3)'s.
const char *home_variable(const char *name) __attribute__((nonnull));

// The XDG directory that `variable` names, else `below` the home, appended to *out. passwd is
// asked only where HOME is missing, since that may ask the network. False, with nothing
// appended, where there is no home, and always for uid 0: root's environment may be what
// somebody else left there, and its home is never looked at.
bool home_place(const char *variable, const char *below, struct buf *out)
    __attribute__((nonnull, warn_unused_result));

#endif
