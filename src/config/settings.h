// SPDX-License-Identifier: ISC
// What a struct config holds in memory: its standards, the values put into it, its accounts,
// its end. Where a value comes from is not known here.
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include <stdint.h>

#include "base/text.h"
#include "config/config.h"
#include "config/options.h"

// A copy as a C string. The caller frees it.
char *settings_keep(struct span s);

// A config as it is where no file says anything; ended by config_free. The texts for people
// have no room yet.
void settings_init(struct config *c) __attribute__((nonnull));

// Stores what value_read has found good, in *into, a struct config or struct config_account as
// the row says.
void settings_store(const struct option *o, void *into, struct span value, uint64_t number)
    __attribute__((nonnull));

// The account of that name, in any case of letters, or NULL.
struct config_account *settings_account(const struct config *c, struct span name)
    __attribute__((nonnull));
// Adds one with all standards. The name has been found good, and there is room
// (CONFIG_ACCOUNTS_MAX).
void settings_add_account(struct config *c, struct span name) __attribute__((nonnull));
void settings_free_accounts(struct config *c) __attribute__((nonnull));

#endif
