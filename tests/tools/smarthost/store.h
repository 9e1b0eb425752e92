// SPDX-License-Identifier: ISC
// One message on its way to a file: the envelope's lines as they came, an empty line, then the
// octets of the message as they were sent, the dots of transparency (RFC 5321, 4.5.2) removed.
#ifndef TOOLS_STORE_H
#define TOOLS_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/text.h"

struct store {
    FILE *file; // NULL: only looked at
    char path[512];
    uint64_t octets, longest, column;
    char last;
    bool eightbit, nul, bare; // what was seen; bare: a CR or LF without the other
};

// Begins a message: a file under a name that is not final yet. `envelope` is written first.
// `directory` NULL keeps no file. 0, or -1 and errno.
int store_begin(struct store *m, const char *directory, struct span envelope)
    __attribute__((nonnull(1), warn_unused_result));
void store_put(struct store *m, struct span octets) __attribute__((nonnull));
// Gives it its name, DIRECTORY/NUMBER.eml; or forgets it. 0, or -1 and errno.
int store_keep(struct store *m, const char *directory, unsigned long long number)
    __attribute__((nonnull(1), warn_unused_result));
void store_drop(struct store *m) __attribute__((nonnull));

#endif
