// SPDX-License-Identifier: ISC
// Runs the program that tells a secret, before the walls close (HAZARDS 3): an absolute path
// and words parted by blanks, no shell, nothing quoted. It runs as who we are, in a session of
// its own and in the directory /, with PATH, HOME and LANG of our making, and /dev/null as its
// stdin. Its time and its output have an end, and what it leaves running is killed.
#ifndef SUBMIT_PROGRAM_H
#define SUBMIT_PROGRAM_H

#include <stddef.h>

#include "base/buf.h"
#include "submit/wait.h"

enum {
    PROGRAM_MS = 30000,    // milliseconds that it may take
    PROGRAM_WORDS_MAX = 64 // words of its command line
};

enum program_answer {
    PROGRAM_DONE,    // it ended with status 0
    PROGRAM_FAILED,  // *why is told: the program, and how it ended; its last words on stderr
    PROGRAM_LATE,    // likewise; it has had all the time there is
    PROGRAM_STOPPED, // a signal came, or sendoff is gone
};

struct program_output {
    char *p;     // the caller's
    size_t size; // one octet more than may come
    size_t n;
};

// Runs it until its end, until there is more output than fits, or until `ms` milliseconds are
// over. What it said on stdout is in *out in any case: the caller wipes it.
enum program_answer program_run(const char *line, int ms, struct program_output *out,
                                struct wait *w, struct buf *why)
    __attribute__((nonnull, warn_unused_result));

#endif
