// SPDX-License-Identifier: ISC
// Runs sendmail for one case, in a directory of the case's own.
#ifndef CORPUS_RUN_H
#define CORPUS_RUN_H

#include "case.h"

struct result {
    int status;     // the exit status, or 256 and the signal that ended it
    size_t left;    // octets of stdin that were not read
    struct buf out; // what was written to stdout
    struct buf err; // and to stderr
};

// Makes `dir` anew, runs the program and waits for it. The caller frees with result_free. Ends
// the program where the machine fails.
void run_case(struct result *r, const struct test_case *t, const char *program, const char *dir)
    __attribute__((nonnull));
void result_free(struct result *r) __attribute__((nonnull));

// Appends a whole file.
void slurp(struct buf *out, const char *path) __attribute__((nonnull));

// Removes a file or a tree; nothing where it is not there.
void remove_tree(const char *path) __attribute__((nonnull));

#endif
