// SPDX-License-Identifier: ISC
// The types of the option table: from the text of a file to a value, and back. Nothing is ever
// cut or guessed: a value fits its type as a whole or is refused. Pure.
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"
#include "config/options.h"

// Reads a value of the row's type: *number is set where it is kept as one, else the text itself
// is good. On failure false, and what is wrong is appended to *why.
bool value_read(const struct option *o, struct span value, uint64_t *number, struct buf *why)
    __attribute__((nonnull, warn_unused_result));

// Appends a number as value_read takes it, in the largest unit that fits.
void value_write(const struct option *o, uint64_t number, struct buf *out)
    __attribute__((nonnull));

// Labels of ASCII letters, digits, '-' and '_', parted by dots (RFC 1035, 2.3.1, and the
// underscore that many have). An IPv4 address is one too.
bool value_is_domain(struct span s);

// An address as sender = force needs it, with %u, %h and %% in it (OPTION_FROM).
bool value_is_from(struct span s);

// Appends a text as a value of a config's line: in quotes where the reader would take it
// otherwise without them. It holds no control character, and not both kinds of quotes.
void value_quote(struct buf *out, const char *value) __attribute__((nonnull));

#endif
