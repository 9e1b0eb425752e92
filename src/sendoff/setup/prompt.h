// SPDX-License-Identifier: ISC
// Questions to a person at a terminal. A password is not echoed; whatever ends the question,
// the terminal is as it was.
#ifndef SENDOFF_PROMPT_H
#define SENDOFF_PROMPT_H

#include <stdbool.h>

#include "base/buf.h"

enum { PROMPT_LINE_MAX = 4096 }; // octets of an answer

struct prompt {
    bool there;  // somebody can be asked
    int signals; // base/signals.h, while there is
};

enum prompt_answer {
    PROMPT_GIVEN,
    PROMPT_ENDED, // the end of the input, or a signal: he has had enough
};

// Asks on stdout, and reads stdin, where both are a terminal. The caller ends it with
// prompt_close.
void prompt_open(struct prompt *p) __attribute__((nonnull));
void prompt_close(struct prompt *p) __attribute__((nonnull));
// Whether a signal came since.
bool prompt_is_over(const struct prompt *p) __attribute__((nonnull));

// Puts the answer into *out, blanks around it taken off; `standard` where there is none, which
// may be "": then it is asked again.
enum prompt_answer prompt_line(struct prompt *p, const char *question, const char *standard,
                               struct buf *out) __attribute__((nonnull, warn_unused_result));
// The same for a password: as it was typed, not echoed, into memory that does not move.
enum prompt_answer prompt_secret(struct prompt *p, const char *question, struct buf *out)
    __attribute__((nonnull, warn_unused_result));
// Yes or no.
enum prompt_answer prompt_yes(struct prompt *p, const char *question, bool standard, bool *yes)
    __attribute__((nonnull, warn_unused_result));

// Prints a text for people, broken at blanks as the terminal needs it, and no wider than is
// good to read; `indent` columns in.
void prompt_say(const char *text, size_t indent) __attribute__((nonnull));

#endif
