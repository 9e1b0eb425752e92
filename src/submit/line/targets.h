// SPDX-License-Identifier: ISC
// Which hosts to try, one after the other: those of the config in their order, and in place of
// srv:DOMAIN what DNS says of the domain, asked for when it is its turn. One that answered the
// last time goes first. It knows names and ports; addresses are dial's.
//
// What a certificate must bear is settled here too. DNS is not proven (there is no DNSSEC), so
// that a name that it gave is no proof of anything: whoever forges the answer has a certificate
// for a name of his own. So a target within the domain will do by its own name, or by the
// domain's, as nobody else gets a certificate for either; one outside of it has to bear the
// domain (RFC 6186, 6), or what the config's tls_name says, by which somebody has confirmed it.
#ifndef SUBMIT_TARGETS_H
#define SUBMIT_TARGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "config/hosts.h"
#include "message/outcome.h"
#include "submit/line/srv.h"
#include "submit/wait.h"

enum { TARGETS_NAME_MAX = 255 }; // octets of a host's name (RFC 1035, 2.3.4)

struct target {
    char host[TARGETS_NAME_MAX + 1];
    uint16_t port;
    enum config_tls tls;
    char name[TARGETS_NAME_MAX + 1]; // what its certificate must bear
    char also[TARGETS_NAME_MAX + 1]; // or this; "" where there is no second name
};

// Where the last session stood, out of "host[address]:port".
struct known {
    char host[TARGETS_NAME_MAX + 1]; // "" where it is not known
    char address[64];
    uint16_t port;
};

struct targets {
    const struct config_account *account; // borrowed
    struct known known;
    bool ahead;                        // the known one is to be tried before its turn
    bool went_ahead;                   // and was, so that it is left out when its turn comes
    struct span rest;                  // of the account's hosts
    char domain[TARGETS_NAME_MAX + 1]; // that `found` is of
    struct srv_list found;
    size_t at; // what was taken of `found`
};

// `known` is the text of such a place, or "".
void targets_init(struct targets *t, const struct config_account *a, const char *known)
    __attribute__((nonnull));

enum targets_answer {
    TARGETS_NEXT,   // *target is set
    TARGETS_NONE,   // there are no more
    TARGETS_FAILED, // DNS did not answer for a domain, *trouble says why: ask again for the
                    // next
    TARGETS_ENDED,  // sendoff is gone, or a signal asked for the end
};

enum targets_answer targets_next(struct targets *t, struct target *target, struct wait *w,
                                 int64_t deadline, struct outcome *trouble)
    __attribute__((nonnull, warn_unused_result));

// Among how many at least, the next one included, the time has to be shared; at least 1.
size_t targets_left(const struct targets *t) __attribute__((nonnull));

// Whether targets_next would say TARGETS_NONE.
bool targets_are_used_up(const struct targets *t) __attribute__((nonnull));

// Whether the next one is for DNS to tell, so that targets_next may wait.
bool targets_asks(const struct targets *t) __attribute__((nonnull));

// The port of a host that has none of its own: the account's, or what its tls key makes of it.
uint16_t targets_port(const struct config_account *a) __attribute__((nonnull));

// The ports that may be connected to, ended by 0. False where DNS tells them.
bool targets_ports(const struct config_account *a, uint16_t ports[HOSTS_MOST + 1])
    __attribute__((nonnull, warn_unused_result));

#endif
