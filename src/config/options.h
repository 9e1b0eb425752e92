// SPDX-License-Identifier: ISC
// THE table: every key that a config may have. Reading, printing, the annotated
// etc/sendoff.conf and sendoff.conf(5) all follow it; the tests walk it through all four.
// Pure: no file is touched here.
#ifndef CONFIG_OPTIONS_H
#define CONFIG_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum option_section { OPTION_SENDOFF, OPTION_ACCOUNT };

// Those before OPTION_WORD are kept as text, the others as a number.
enum option_type {
    OPTION_TEXT,       // any
    OPTION_PATH,       // an absolute path
    OPTION_COMMAND,    // an absolute path and words parted by blanks; no shell reads it
    OPTION_NAME,       // the name of an account
    OPTION_DOMAIN,     // labels parted by dots
    OPTION_ADDRESS,    // local@domain; nothing in it needs quotes
    OPTION_FROM,       // the same, with %u, %h and %% in it
    OPTION_HOST,       // a domain or an address
    OPTION_HOSTS,      // several in order, with ports and SRV (config/hosts.h)
    OPTION_SOURCES,    // an address of IPv4, or of IPv6, or one of each, parted by blanks
    OPTION_HELO,       // a domain or an address literal in brackets (RFC 5321, 4.1.3)
    OPTION_MECHANISMS, // "auto", "none", or SASL mechanisms parted by blanks (RFC 4422, 3.1)
    OPTION_PINS,       // SHA-256 of public keys, parted by blanks (submit/tls/pins.h)
    OPTION_WORD,       // one of `words`, kept as its index
    OPTION_NUMBER,
    OPTION_SIZE,    // octets; k, m, g
    OPTION_DURATION // seconds; s, m, h, d
};

struct option {
    enum option_section section;
    enum option_type type;
    const char *key;
    const char *standard;     // what holds where the file is silent, as a file would say it;
    const char *example;      // or, where there is no such value, what the sample shows
    uint64_t min, max;        // of numbers, sizes and durations
    const char *const *words; // ended by NULL, in the order of the enum
    size_t at;                // in struct config or struct config_account: char * or uint64_t
    const char *text;         // what it is for, one line
};

extern const struct option option_table[];
extern const size_t option_count;

// The row of a key in any case of letters, or NULL.
const struct option *option_find(enum option_section section, struct span key);
// The row that may have been meant by a key that is none, or NULL.
const struct option *option_near(enum option_section section, struct span key);

// Whether the row's value is kept as char *; as uint64_t otherwise.
bool option_is_text(const struct option *o) __attribute__((nonnull));

#endif
