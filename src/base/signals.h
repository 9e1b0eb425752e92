// SPDX-License-Identifier: ISC
// The signals that ask a program to end (SIGTERM, SIGINT, SIGHUP), as a descriptor to be
// polled: no work is done in a handler, and a wait is ended like any other.
#ifndef BASE_SIGNALS_H
#define BASE_SIGNALS_H

#include <stdbool.h>

enum { SIGNALS_GRACE = 10000 }; // milliseconds that what is in flight gets after one came

// Takes the signals over. A descriptor that becomes readable when one came, or -1 and errno.
// The caller closes it; the signals never end the program again.
int signals_open(void) __attribute__((warn_unused_result));
// The same with the end of a child (SIGCHLD).
int signals_open_with_children(void) __attribute__((warn_unused_result));
// The next one that came, 0 where there is none.
int signals_next(int fd);
// Whether any came since the last call; the descriptor is empty afterwards.
bool signals_came(int fd);

#endif
