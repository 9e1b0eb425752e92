// SPDX-License-Identifier: ISC
// The spools of the user: mail may lie in the system's and in his own, as configs came and
// went.
#ifndef SENDOFF_SPOOLS_H
#define SENDOFF_SPOOLS_H

#include <stddef.h>

#include "base/buf.h"
#include "config/config.h"

enum { SPOOLS_MAX = 2 };

struct spools {
    struct buf path[SPOOLS_MAX];
    size_t n;
};

// The caller ends it with spools_free.
void spools_find(struct spools *s, const struct config *config) __attribute__((nonnull));
void spools_free(struct spools *s) __attribute__((nonnull));

#endif
