// SPDX-License-Identifier: ISC
// Where an account's secret comes from: the one of its four keys that is set.
#ifndef SUBMIT_CREDENTIAL_H
#define SUBMIT_CREDENTIAL_H

#include <stdbool.h>

#include "config/config.h"
#include "submit/secret/secret.h"

struct credential {
    const char *key;   // of the config; NULL where none is set
    const char *value; // borrowed from the account
    bool command;      // a program tells it, which can be asked again; else a file holds it
    bool token;        // a bearer token, not a password
};

// Which one it is.
struct credential credential_of(const struct config_account *a) __attribute__((nonnull));

// Reads the file, or asks the program; *why is told where that fails.
enum program_answer credential_take(const struct credential *c, struct secret *s,
                                    struct wait *w, struct buf *why)
    __attribute__((nonnull, warn_unused_result));

#endif
