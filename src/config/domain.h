// SPDX-License-Identifier: ISC
// The host's mail name out of the files that may tell it. Pure: the texts are handed in.
#ifndef CONFIG_DOMAIN_H
#define CONFIG_DOMAIN_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/text.h"

// The first line of /etc/mailname that is neither empty nor a comment, if it is a domain.
bool domain_of_mailname(struct span text, struct buf *out)
    __attribute__((nonnull, warn_unused_result));

// The host's dotted name in the text of /etc/hosts (hosts(5)): `host`, a dot, and more.
bool domain_of_hosts(struct span text, struct span host, struct buf *out)
    __attribute__((nonnull, warn_unused_result));

#endif
