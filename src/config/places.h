// SPDX-License-Identifier: ISC
// What config.h says of the spool and the domain, with the places to look at named, so that
// tests can name their own.
#ifndef CONFIG_PLACES_H
#define CONFIG_PLACES_H

#include <stdbool.h>

#include "base/buf.h"
#include "config/config.h"

// config_spool; `root` is the directory above the spools of the system.
bool places_spool(const struct config *c, const char *root, struct buf *out)
    __attribute__((nonnull, warn_unused_result));

// config_spool_root, likewise.
bool places_spool_root(const struct config *c, const char *root, struct buf *out)
    __attribute__((nonnull, warn_unused_result));

// config_other_spool, likewise.
bool places_other_spool(const struct config *c, const char *root, struct buf *out)
    __attribute__((nonnull, warn_unused_result));

// config_domain, with the paths of the two files and the host's name.
bool places_domain(const struct config *c, const char *mailname, const char *hosts,
                   const char *host, struct buf *out)
    __attribute__((nonnull, warn_unused_result));

#endif
