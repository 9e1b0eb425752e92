// SPDX-License-Identifier: ISC
// What `sendoff check` says: a line for each step, as text or as JSON, and the worst of them as
// an exit status. What a step is about is for others to know (check.h); what mends it is looked
// up in advice.h where the step itself does not tell.
#ifndef SENDOFF_CHECKUP_H
#define SENDOFF_CHECKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "sendoff/terminal.h"

enum checkup_verdict {
    CHECKUP_PASS,
    CHECKUP_WARN, // it works, and somebody should look
    CHECKUP_FAIL,
    CHECKUP_NOTE, // said along with the step before, no step of its own
};

struct checkup {
    bool json;
    struct terminal terminal;
    size_t failed, warned;
    struct buf failures, warnings; // the steps' names
    int status; // EX_OK, or of what failed the one that a person has to mend: EX_CONFIG goes
                // before EX_TEMPFAIL
};

// The caller ends it with checkup_end.
void checkup_init(struct checkup *c, bool json) __attribute__((nonnull));

// Prints the line on stdout, cleaned. `fix` says in plain words what mends it, "" where nothing
// is to be mended or advice.h knows. A failure counts with `status`.
void checkup_say(struct checkup *c, enum checkup_verdict verdict, const char *step,
                 const char *text, const char *fix, int status) __attribute__((nonnull));

void checkup_pass(struct checkup *c, const char *step, const char *text)
    __attribute__((nonnull));
void checkup_note(struct checkup *c, const char *step, const char *text)
    __attribute__((nonnull));
void checkup_warn(struct checkup *c, const char *step, const char *text, const char *fix)
    __attribute__((nonnull));
void checkup_fail(struct checkup *c, const char *step, const char *text, const char *fix,
                  int status) __attribute__((nonnull));

// Says what a line of sendoff-submit says, "pass STEP: text", as one of ours. A line of another
// form is a note. What it fails with is for its exit status to tell: checkup_status.
void checkup_relay(struct checkup *c, struct span line) __attribute__((nonnull));
void checkup_status(struct checkup *c, int status) __attribute__((nonnull));

// The last line: how many failed, and which. None in JSON.
void checkup_end(struct checkup *c) __attribute__((nonnull));

#endif
