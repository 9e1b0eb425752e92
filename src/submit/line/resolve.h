// SPDX-License-Identifier: ISC
// The addresses of a host's name, from the libc's resolver, by a deadline. getaddrinfo knows no
// deadline and can not be broken off, so it runs in a thread that is left behind when time is
// up; what it then finds it throws away itself.
#ifndef SUBMIT_RESOLVE_H
#define SUBMIT_RESOLVE_H

#include <netdb.h>
#include <stdint.h>
#include <sys/socket.h>

#include "message/outcome.h"
#include "submit/line/wait.h"

enum { RESOLVE_MOST = 16 }; // addresses of one name that are of interest

struct addresses {
    size_t n;
    socklen_t length[RESOLVE_MOST];
    struct sockaddr_storage address[RESOLVE_MOST]; // port included
};

enum resolve_answer {
    RESOLVE_FOUND,  // at least one
    RESOLVE_FAILED, // *trouble says why
    RESOLVE_ENDED,  // sendoff is gone, or a signal asked for the end
};

// The addresses of `host`, in the order in which they should be tried (RFC 6724). The text of
// an IP address, in brackets or not, is taken as it is: no resolver is asked.
enum resolve_answer resolve(struct addresses *found, const char *host, uint16_t port,
                            struct wait *w, int64_t deadline, struct outcome *trouble)
    __attribute__((nonnull, warn_unused_result));

#endif
