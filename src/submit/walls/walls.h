// SPDX-License-Identifier: ISC
// What shuts the process in before it touches a secret or the network: no dump of its memory,
// no stranger's environment.
#ifndef SUBMIT_WALLS_H
#define SUBMIT_WALLS_H

// Returns 0, or -1 and errno.
int walls_begin(void) __attribute__((warn_unused_result));

#endif
