// SPDX-License-Identifier: ISC
// What DNS says of a service: SRV records out of an answer, and the order in which to take them
// (RFC 2782; for mail RFC 6186 and RFC 8314, 5.1). Who takes in a domain's mail is told in much
// the same way, by MX records; for `sendoff setup` they show who its provider is. Pure: the
// answer's octets come from resolve.h.
//
// libc asks, by res_query: it reads the host's own resolver settings, goes over to TCP for long
// answers, and is there already. c-ares would be one library more behind the walls for two
// questions a session; its one merit, that it can be broken off, getaddrinfo lacks as well, so
// the thread for that is there in any case.
#ifndef SUBMIT_SRV_H
#define SUBMIT_SRV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum {
    SRV_MOST = 16,      // records that are of interest
    SRV_NAME_MAX = 253, // octets of a name as text (RFC 1035, 2.3.4)
};

struct srv_record {
    uint16_t priority; // the lowest first
    uint16_t weight;   // its share among those of one priority
    uint16_t port;
    bool implicit;                 // it is of the service whose TLS begins with the first octet
    char target[SRV_NAME_MAX + 1]; // without the dot at its end
};

struct srv_list {
    size_t n;
    bool refused; // a service has the target ".": it is not offered (RFC 2782)
    struct srv_record record[SRV_MOST];
};

// Adds the SRV records of a DNS message's answer section, marked `implicit` or not. What goes
// beyond SRV_MOST, and targets that are no host names, are passed over. False, and nothing
// added, where the message is not a well-formed answer without an error.
bool srv_parse(struct srv_list *list, struct span message, bool implicit)
    __attribute__((nonnull, warn_unused_result));

// The same for MX records (RFC 5321, 5.1): of each the priority and the target are set alone.
// `refused` says that the domain takes no mail in (RFC 7505).
bool srv_parse_mx(struct srv_list *list, struct span message)
    __attribute__((nonnull, warn_unused_result));

// Puts the list in the order in which to try: by priority, over both services; at the same
// priority those with implicit TLS come first; and among these, each next one is drawn by
// weight (RFC 2782), with one of the `random` numbers for each.
void srv_order(struct srv_list *list, const uint32_t random[SRV_MOST]) __attribute__((nonnull));

#endif
