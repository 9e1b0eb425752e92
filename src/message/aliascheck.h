// SPDX-License-Identifier: ISC
// What is wrong with an aliases file, for its author: what injection skips, and names that come
// round to themselves.
#ifndef MESSAGE_ALIASCHECK_H
#define MESSAGE_ALIASCHECK_H

#include "message/aliases.h"

// Appends a line for each complaint (alias_blame), as long as *out has room for it; its `over`
// says whether all had. `file` is what to call it.
void aliases_check(const struct aliases *a, const char *file, struct buf *out)
    __attribute__((nonnull));

#endif
