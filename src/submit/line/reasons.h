// SPDX-License-Identifier: ISC
// Why each of several hosts could not be used, told in the room that one reason has. Pure.
#ifndef SUBMIT_REASONS_H
#define SUBMIT_REASONS_H

#include <stddef.h>

#include "message/outcome.h"

enum { REASONS_MOST = 8 };

struct reasons {
    size_t n;
    struct outcome list[REASONS_MOST];
};

// Notes one more. Where there is no room, it takes the place of the last one.
void reasons_add(struct reasons *r, const struct outcome *o) __attribute__((nonnull));

// Makes *o the trouble that all of them are together: the text tells of each, long ones cut so
// that all have their share; codes are those of the last one. That there is no way to a host is
// left out where another one says more. Without a reason, *o stays.
void reasons_tell(const struct reasons *r, struct outcome *o) __attribute__((nonnull));

#endif
