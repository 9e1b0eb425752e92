// SPDX-License-Identifier: ISC
// What the measuring tools share: how they end, count and look at the clock.
#ifndef BENCH_TOOL_H
#define BENCH_TOOL_H

#include <stdint.h>

// Says `program: what: why` (the program's name is diag_name's) and ends.
_Noreturn void tool_die(int status, const char *what, const char *why) __attribute__((nonnull));

// The number in `text`, from 0 to `most`; ends with EX_USAGE where there is none.
uint64_t tool_number(const char *text, uint64_t most) __attribute__((nonnull));

// Microseconds of a clock that never jumps.
int64_t tool_now(void);

#endif
