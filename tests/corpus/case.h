// SPDX-License-Identifier: ISC
// The cases of the corpus, as they stand in its files. What a case can say is in README beside
// this file; what each key means is known to run.c (what goes in) and judge.c (what comes out).
#ifndef CORPUS_CASE_H
#define CORPUS_CASE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum { CORPUS_MAX = 64 << 20 }; // octets of anything that is kept

// One line of a case: "key: text", or a line of the block below such a key.
struct item {
    char *key; // of the block, too
    char *text;
    bool block;   // it is a line of a block
    bool pattern; // an extended regular expression (regex(7)), not to be expanded
    int line;     // its number in the file
};

struct test_case {
    const char *file;
    char *name;
    int line;
    struct item *items;
    size_t n;
};

struct cases {
    struct test_case *all;
    size_t n;
};

// Adds the cases of a file, whose name is borrowed. Ends the program where the file can not be
// read or is no file of cases: nothing is to be skipped for a typing error.
void cases_read(struct cases *c, const char *file) __attribute__((nonnull));
void cases_free(struct cases *c) __attribute__((nonnull));

// The text of the case's last line "key: text", or NULL.
const char *case_value(const struct test_case *t, const char *key) __attribute__((nonnull));
// Whether the case has such a key at all, be it with a block.
bool case_has(const struct test_case *t, const char *key) __attribute__((nonnull));

// Appends the text with its escapes undone: \r \n \t \0 \\ \xHH, \D (the case's directory) and
// \*N{TEXT}, that is TEXT N times, \# in it being 1 to N. False where \c ends the text.
bool case_expand(struct buf *out, const char *text, const char *dir) __attribute__((nonnull));

#endif
