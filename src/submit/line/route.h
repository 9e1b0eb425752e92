// SPDX-License-Identifier: ISC
// Whether this process can reach any network at all. A flush that was started in somebody's
// sandbox, or while there is no line, learns nothing of the account: what it saw is not to be
// remembered (HAZARDS 16).
#ifndef SUBMIT_ROUTE_H
#define SUBMIT_ROUTE_H

#include <stdbool.h>

// Whether a socket's errno says that nothing leaves this process, whoever is asked for.
bool route_is_barred(int error);

// Whether there is a way out to any address that is not this host's own. Nothing is sent.
bool route_exists(void);

#endif
