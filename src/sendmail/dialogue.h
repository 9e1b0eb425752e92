// SPDX-License-Identifier: ISC
// `sendmail -bs`: SMTP on two descriptors, several messages one after the other. Each is
// durable before it is answered with 250.
#ifndef SENDMAIL_DIALOGUE_H
#define SENDMAIL_DIALOGUE_H

#include "config/config.h"
#include "sendmail/args.h"

// Converses until the client says QUIT or ends its input, and waits for it as long as it likes.
// Returns 0 then, whatever became of each message, since the client was told; otherwise a
// status of sysexits(3), with the complaint in *why: what was not answered with 250 is not
// queued then, unless that very reply could not be written.
int dialogue(const struct args *a, const struct config *config, int in, int out,
             struct buf *why) __attribute__((nonnull, warn_unused_result));

#endif
