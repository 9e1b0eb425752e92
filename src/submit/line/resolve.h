// SPDX-License-Identifier: ISC
// What DNS knows, from libc's resolver, by a deadline: the addresses of a host's name, the
// submission servers of a domain, and who takes its mail in.
#ifndef SUBMIT_RESOLVE_H
#define SUBMIT_RESOLVE_H

#include <stdint.h>

#include "message/outcome.h"
#include "submit/line/endpoint.h"
#include "submit/line/srv.h"
#include "submit/wait.h"

enum { RESOLVE_MOST = 16 }; // addresses of one name that are of interest

struct addresses {
    size_t n;
    struct endpoint address[RESOLVE_MOST]; // port included
};

enum resolve_answer {
    RESOLVE_FOUND,  // at least one
    RESOLVE_FAILED, // *trouble says why
    RESOLVE_ENDED,  // sendoff is gone, or a signal asked for the end
};

// The text of an IP address, in brackets or not: no resolver is asked. False where it is none.
bool resolve_literal(struct addresses *found, const char *host, uint16_t port)
    __attribute__((nonnull, warn_unused_result));

// The addresses of `host`, in the order in which they should be tried (RFC 6724). The text of
// an IP address is taken as it is.
enum resolve_answer resolve(struct addresses *found, const char *host, uint16_t port,
                            struct wait *w, int64_t deadline, struct outcome *trouble)
    __attribute__((nonnull, warn_unused_result));

// The SRV records of the domain's service submissions and, unless `implicit` alone will do, of
// submission, in the order in which to try them (srv_order).
enum resolve_answer resolve_srv(struct srv_list *found, const char *domain, bool implicit,
                                struct wait *w, int64_t deadline, struct outcome *trouble)
    __attribute__((nonnull, warn_unused_result));

// The MX records of the domain, by priority.
enum resolve_answer resolve_mx(struct srv_list *found, const char *domain, struct wait *w,
                               int64_t deadline, struct outcome *trouble)
    __attribute__((nonnull, warn_unused_result));

#endif
