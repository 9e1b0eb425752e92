// SPDX-License-Identifier: ISC
// One attempt to send a message that was just queued, for callers who asked to see it (-v) and
// where the config says `deliver = wait`. sendoff(1) makes it; the message is durable already,
// so whatever becomes of the attempt changes nothing about the exit status.
#ifndef SENDMAIL_ATTEMPT_H
#define SENDMAIL_ATTEMPT_H

#include <stdbool.h>

enum { ATTEMPT_PATIENCE = 10 * 1000 }; // milliseconds that the caller waits for it

// Starts `sendoff flush ID` and waits for its end, or leaves it to itself after the patience.
// `loud`: the dialogue goes to stdout, and an account that rests is tried all the same. False
// where it ended and the message still waits, perhaps since another flush was at work.
bool attempt(const char *id, bool loud) __attribute__((nonnull));

#endif
