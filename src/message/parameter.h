// SPDX-License-Identifier: ISC
// A set of ESMTP parameters as an envelope keeps them: "RET=HDRS ENVID=id1" (RFC 5321, 4.1.2).
// What a parameter means is not known here.
#ifndef MESSAGE_PARAMETER_H
#define MESSAGE_PARAMETER_H

#include <stdbool.h>

#include "base/text.h"

// The value of the first parameter of that name, in any case of letters; it is a part of
// `options`. False where there is none.
bool parameter_find(const char *options, struct span name, struct span *value)
    __attribute__((nonnull, warn_unused_result));

#endif
