// SPDX-License-Identifier: ISC
// What DNS says of the smarthost of an address, asked for `sendoff setup`. The answer is not
// proven, so a host that is not of the address's own domain counts only once a person has
// agreed to it (RFC 6186, 6).
#ifndef SENDOFF_SETUPFIND_H
#define SENDOFF_SETUPFIND_H

#include "sendoff/setup/setupplan.h"

// Sets the plan's port and tls, and appends the host to *host, where one is found that will do.
// Where the domain names none, but its mail is taken in by a provider of the table, and there
// is somebody to agree to it, that one's name is appended. 0, or a status as setupplan_make has
// it.
int setupfind(struct setup_plan *plan, struct buf *host)
    __attribute__((nonnull, warn_unused_result));

// Reads what `sendoff-submit --find` says of a host: "HOST PORT TLS within|outside".
struct setup_found {
    struct span host, port, tls;
    bool within;
};
bool setupfind_line(struct span line, struct setup_found *f)
    __attribute__((nonnull, warn_unused_result));

// Reads "mx HOST" of it: the provider that has such a host, or NULL.
const struct provider *setupfind_provider(struct span line, struct span *host)
    __attribute__((nonnull));

#endif
