// SPDX-License-Identifier: ISC
// The `host` key: smarthosts in the order in which to try them, parted by blanks. Pure.
//
//   smtp.example.org  smtp.example.org:2525   a name
//   192.0.2.25  192.0.2.25:2525               an address
//   2001:db8::25  [2001:db8::25]:2525         likewise; with a port it needs the brackets
//   srv:example.org                           what DNS says of that domain (RFC 6186)
#ifndef CONFIG_HOSTS_H
#define CONFIG_HOSTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum { HOSTS_MOST = 16 }; // of one account

struct host {
    struct span name; // without brackets; of `srv`, the domain
    uint64_t port;    // 0 where it has none of its own
    bool srv;
};

// Takes one word apart. False where its form is none of those; whether the name is one is for
// value.h to say.
bool hosts_parse(struct span word, struct host *h) __attribute__((nonnull));

// The next host of the list. False once it is used up. A word that is none comes out as a name.
bool hosts_next(struct span *list, struct host *h) __attribute__((nonnull));

// How many there are.
size_t hosts_count(struct span list);

// Whether one of them is for DNS to tell.
bool hosts_have_srv(struct span list);

#endif
