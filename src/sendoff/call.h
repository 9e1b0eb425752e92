// SPDX-License-Identifier: ISC
// One call of sendoff(1), as each of its commands gets it, and the words of its command line.
#ifndef SENDOFF_CALL_H
#define SENDOFF_CALL_H

#include <stdbool.h>

#include "config/config.h"

struct call {
    const struct config *config;
    bool usable; // a config counts and says nothing wrong
    bool verbose;
    int given; // descriptors from a service manager, from PROCESS_GIVEN on (base/process.h)
    int argc;  // what stands behind the command and was not taken yet
    char **argv;
    struct buf *why; // the complaint, where the status is not 0; may be empty
};

// Takes the next word if it is this one.
bool call_takes(struct call *call, const char *word) __attribute__((nonnull));
// Takes the next word whatever it is, as the value of an option; NULL where there is none.
char *call_value(struct call *call) __attribute__((nonnull));
// Whether the next word is an option.
bool call_is_option(const struct call *call) __attribute__((nonnull));

// Says what is wrong with the command line; EX_USAGE.
int call_usage(struct call *call, const char *what) __attribute__((nonnull));
// Says what is wrong with the config, and what makes one where there is none; EX_CONFIG.
int call_unusable(struct call *call) __attribute__((nonnull));
// Whether there is no config at all, not even one that was passed over: that is no fault yet.
bool call_is_new(const struct call *call) __attribute__((nonnull));

#endif
