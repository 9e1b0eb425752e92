// SPDX-License-Identifier: ISC
// What is known of the large mail providers, for `sendoff setup`: where mail is handed in, who
// logs in, and what people stumble over there. Pure data; a provider that changes its ways is a
// row to be changed.
#ifndef SENDOFF_PROVIDERS_H
#define SENDOFF_PROVIDERS_H

#include <stddef.h>

#include "base/text.h"

enum provider_secret {
    PROVIDER_PASSWORD,     // the account's own will do
    PROVIDER_APP_PASSWORD, // one that was made for a program
    PROVIDER_TOKEN,        // OAuth: a program that prints a token
    PROVIDER_KEY,          // made in the provider's console
};

struct provider {
    const char *name;       // for --provider
    const char *title;      // for people
    const char *domains;    // of addresses, parted by blanks; "" for none of its own
    const char *exchangers; // domains of the hosts that take in, by MX, the mail of domains
                            // that its customers brought along
    const char *host;       // "" where only the customer knows it
    unsigned port;
    const char *tls;
    const char *user; // "" for the whole address
    const char *auth; // "" for auto
    enum provider_secret secret;
    const char *hints; // a text for people, or ""
};

extern const struct provider provider_table[];
extern const size_t provider_count;

// The provider of such addresses, or NULL.
const struct provider *provider_of_domain(struct span domain);
// The provider whose exchanger the host is, or NULL.
const struct provider *provider_of_exchanger(struct span host);
// The provider of that name, in any case of letters, or NULL.
const struct provider *provider_named(struct span name);

#endif
