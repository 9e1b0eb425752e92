// SPDX-License-Identifier: ISC
// The server's side of SCRAM-SHA-1, -256 and -512 and of each one's PLUS (RFC 5802, 7677),
// bound by tls-exporter (RFC 9266) or tls-server-end-point (RFC 5929).
#ifndef TOOLS_SCRAM_H
#define TOOLS_SCRAM_H

#include "auth.h"

// As auth_step.
enum auth_answer scram_step(struct auth *a, struct span response)
    __attribute__((nonnull, warn_unused_result));

#endif
