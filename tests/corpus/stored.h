// SPDX-License-Identifier: ISC
// Compares one file of the spool with the lines of a case that speak of it.
#ifndef CORPUS_STORED_H
#define CORPUS_STORED_H

#include "case.h"

// The lines items[from] to items[to - 1] speak of the file.
void judge_stored(struct buf *complaints, const struct test_case *t, size_t from, size_t to,
                  const char *path) __attribute__((nonnull));

// Compares the lines of a block with those of a text.
void judge_block(struct buf *complaints, const struct test_case *t, size_t from, size_t to,
                 const char *key, struct span text) __attribute__((nonnull));

#endif
