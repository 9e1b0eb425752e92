// SPDX-License-Identifier: ISC
// What `sendoff setup` has to know before it can write a config: taken from the command line,
// out of what is known of the provider or what DNS says, or asked for.
#ifndef SENDOFF_SETUPPLAN_H
#define SENDOFF_SETUPPLAN_H

#include <stdbool.h>

#include "config/config.h"
#include "sendoff/call.h"
#include "sendoff/setup/draft.h"
#include "sendoff/setup/prompt.h"
#include "sendoff/setup/providers.h"

// The answers of the command line; NULL or false where it gives none.
struct setup_options {
    const char *address, *provider, *output, *host, *port, *tls, *user, *auth, *from, *sender,
        *local_to, *domain, *password_file, *password_command, *token_command, *account, *send,
        *tls_ca_file;
    bool yes;      // take what is proposed, ask nothing
    bool replace;  // a config that is there already; the old one is kept
    bool no_check; // only write
};

struct setup_plan {
    const struct setup_options *options;
    struct prompt *prompt;
    const struct config *config; // as it is before; for what this host knows
    bool system;
    const struct provider *provider; // NULL where none of the table is meant
    struct buf address, host, port, tls, user, password, local_to, token, problem;
};

// Takes the options off the command line. 0, or EX_USAGE.
int setupplan_options(struct setup_options *o, struct call *call) __attribute__((nonnull));

// The caller ends it with setupplan_free, which wipes the password.
void setupplan_init(struct setup_plan *plan, const struct setup_options *o,
                    const struct config *config, struct prompt *prompt)
    __attribute__((nonnull));
void setupplan_free(struct setup_plan *plan) __attribute__((nonnull));

// Finds all of it out. 0, or a status of sysexits(3) with the complaint in plan->problem:
// EX_USAGE where something is missing and nobody can be asked, EX_TEMPFAIL where he who was
// asked gave up.
int setupplan_make(struct setup_plan *plan) __attribute__((nonnull, warn_unused_result));

// Puts it into a draft. False, with the complaint, where a value is none.
bool setupplan_draft(struct setup_plan *plan, struct draft *d)
    __attribute__((nonnull, warn_unused_result));

#endif
