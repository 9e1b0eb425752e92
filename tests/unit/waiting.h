// SPDX-License-Identifier: ISC
// For tests of what waits (submit/wait.h): something to wait with, for each of them.
#ifndef UNIT_WAITING_H
#define UNIT_WAITING_H

#include <unistd.h>

#include "submit/wait.h"

static struct wait w;

static inline int waiting_setup(void **state)
{
    (void)state;
    return wait_init(&w, -1);
}

static inline int waiting_teardown(void **state)
{
    (void)state;
    close(w.signals);
    return 0;
}

#endif
