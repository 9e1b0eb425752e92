// SPDX-License-Identifier: ISC
// What a smarthost was caught at: it does badly what it offers. A set of these is found out by
// one session and spared to the next. A broken line can look like the second, so what is
// remembered is to be forgotten some day.
#ifndef MESSAGE_STUMBLE_H
#define MESSAGE_STUMBLE_H

#include <stdbool.h>

#include "base/buf.h"

enum {
    STUMBLE_CHUNKING = 1,   // refused BDAT
    STUMBLE_PIPELINING = 2, // closed on commands in a group, or lost count of its replies
    // refused MAIL or RCPT for a parameter it offers, and took it without:
    STUMBLE_PARAMETERS = 4, // those that a message does as well without: SIZE, AUTH=<>, and
                            // BODY and SMTPUTF8 where nothing in it needs them
    STUMBLE_DSN = 8,        // RET, ENVID, NOTIFY, ORCPT
    STUMBLE_BODY = 16,      // BODY of what is not plain ASCII
};

// The set as one word: names with commas, "-" for none.
void stumble_put(struct buf *out, unsigned set) __attribute__((nonnull));
// False, and *set untouched, where the word is none of that kind. A name that is not known is
// passed over: another version may have written it.
bool stumble_take(struct span word, unsigned *set) __attribute__((nonnull, warn_unused_result));

#endif
