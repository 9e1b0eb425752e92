// SPDX-License-Identifier: ISC
// Which file is the config: the first of $SENDOFF_CONFIG, the user's own and the system's that
// is there and that nobody but root and the effective user can have written (HAZARDS 1).
//
// The question is asked of the opened directory and of the file that was opened in it, so that
// nothing can be exchanged in between. Where the name is a symbolic link, its directory and
// that of the file it leads to are both asked. What is no regular file does not count either.
#ifndef CONFIG_SEARCH_H
#define CONFIG_SEARCH_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "config/config.h"

enum { SEARCH_PATH_MAX = 4096 };

// A file that counts.
struct found {
    enum config_mode mode;
    int fd;            // open for reading
    struct stat st;    // of fd
    struct buf name;   // as it was asked for, absolute
    struct buf really; // the same file, its last part no symbolic link
};

void found_init(struct found *f) __attribute__((nonnull));
// Closes the descriptor too.
void found_free(struct found *f) __attribute__((nonnull));

// Looks at the places in order; `system` is the system's config. A line for each is appended to
// *search, and to *ignored for those that are there and were passed over. False where no file
// counts.
bool search_places(struct found *f, const char *system, struct buf *search, struct buf *ignored)
    __attribute__((nonnull, warn_unused_result));

// The same for one path.
bool search_path(struct found *f, const char *path, const char *system, struct buf *search,
                 struct buf *ignored) __attribute__((nonnull, warn_unused_result));

// Whether the name still leads to the file as it was when it was found.
bool search_same(const struct found *f) __attribute__((nonnull, warn_unused_result));

#endif
