// SPDX-License-Identifier: ISC
// Compares what a case expects with what came of it.
#ifndef CORPUS_JUDGE_H
#define CORPUS_JUDGE_H

#include "case.h"
#include "run.h"

// Appends a line for each thing that is not as the case has it. What the case does not speak of
// is held to rules that go for all of them (README).
void judge_case(struct buf *complaints, const struct test_case *t, const struct result *r,
                const char *dir) __attribute__((nonnull));

// Whether the text matches an extended regular expression. Ends the program where it is none.
bool matches(const char *pattern, struct span text) __attribute__((nonnull));

// Appends "PLACE: WHAT: it is GOT, not WANTED", the texts made printable and cut.
void complain(struct buf *complaints, int line, const char *what, struct span got,
              const char *wanted) __attribute__((nonnull));

#endif
