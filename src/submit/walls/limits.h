// SPDX-License-Identifier: ISC
// What the kernel lets the process use from now on, so that one that is taken over can do
// little harm to the machine.
#ifndef SUBMIT_LIMITS_H
#define SUBMIT_LIMITS_H

#include <stdbool.h>

// Bounds descriptors, forbids that files are written to (unless our output is one), and bounds
// processes and threads where the uid is ours alone (`own`). 0, or -1 and errno.
int limits_set(bool own) __attribute__((warn_unused_result));

#endif
