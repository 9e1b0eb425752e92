// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "tool.h"

#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

#include "base/diag.h"
#include "base/text.h"

_Noreturn void tool_die(int status, const char *what, const char *why)
{
    diag_warn("%s: %s", what, why);
    exit(status);
}

uint64_t tool_number(const char *text, uint64_t most)
{
    uint64_t value;
    if (!text_number(span_of(text), most, &value))
        tool_die(EX_USAGE, text, "not a number that will do");
    return value;
}

int64_t tool_now(void)
{
    struct timespec t = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}
