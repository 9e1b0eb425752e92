// SPDX-License-Identifier: ISC
// The one table of what sendoff(1) can be told: usage, completions and the test of the manual
// walk it. Each command reads its own words; the table says which there are.
#ifndef SENDOFF_COMMANDS_H
#define SENDOFF_COMMANDS_H

#include <stddef.h>

#include "sendoff/call.h"

// What a shell can offer in a word's place.
enum command_kind { COMMAND_NOTHING, COMMAND_TEXT, COMMAND_FILE, COMMAND_ID, COMMAND_NAME };

struct command_option {
    const char *name;       // as it is typed: "--due"
    const char *value;      // what it is called in the usage, NULL where it takes none
    enum command_kind kind; // of the value
    const char *text; // one line; no quote, bracket or colon, which shells would need quoted
};

struct command {
    const char *name;
    int (*run)(struct call *call);
    const char *words;      // which one word may follow, separated by blanks; NULL: none
    const char *operands;   // what else may follow, as in the usage; NULL: nothing
    enum command_kind kind; // of each operand
    const char *text;       // as an option's; NULL: only programs of ours call it
    const struct command_option *options; // up to one without a name; NULL: none
};

extern const struct command command_table[];
extern const size_t command_count;

// NULL where there is no such command.
const struct command *commands_find(const char *name) __attribute__((nonnull));
// Likewise, for a name that somebody has typed: complains where there is none.
const struct command *commands_named(struct call *call, const char *name)
    __attribute__((nonnull));

// `sendoff version`, `sendoff help`.
int commands_version(struct call *call) __attribute__((nonnull));
int commands_help(struct call *call) __attribute__((nonnull));
// `sendoff COMMAND --help`: prints the command with its options. EX_OK, or EX_USAGE where the
// command is one that only programs of ours call.
int commands_help_on(struct call *call, const struct command *command) __attribute__((nonnull));

#endif
