// SPDX-License-Identifier: ISC
// A header out of octets of any kind, as sendoff-submit reads one.
#ifndef FUZZ_READ_HEADER_H
#define FUZZ_READ_HEADER_H

#include <string.h>

#include "message/header.h"

// False where it is too long. The caller ends it with header_free in any case.
static inline bool read_header(struct header *h, struct span in)
{
    enum header_answer answer = HEADER_MORE;
    header_init(h);
    while (answer == HEADER_MORE && in.n) {
        const char *lf = memchr(in.p, '\n', in.n);
        if (!lf)
            break;
        struct span line = {in.p, (size_t)(lf - in.p) + 1};
        answer = header_push(h, line);
        in.p += line.n;
        in.n -= line.n;
    }
    return answer != HEADER_LONG;
}

#endif
