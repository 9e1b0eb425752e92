// SPDX-License-Identifier: ISC
// The signals that ask a program to end (SIGTERM, SIGINT, SIGHUP), as a descriptor to be
// polled: no work is done in a handler, and a wait is ended like any other.
#ifndef BASE_SIGNALS_H
#define BASE_SIGNALS_H

#include <stdbool.h>

enum { SIGNALS_GRACE = 10000 }; // milliseconds that what is in flight gets after one came

// Takes the signals over. A descriptor that becomes readable when one came, or -1 and errno.
// The caller closes it; the signals stay blocked.
int signals_open(void) __attribute__((warn_unused_result));
// Whether any came since the last call; the descriptor is empty afterwards.
bool signals_came(int fd);

#endif
