// SPDX-License-Identifier: ISC
// A file of the user's that is written whole or not at all: durable once it is there, and never
// half of it. What stood in its place is kept beside it.
#ifndef SENDOFF_KEEPFILE_H
#define SENDOFF_KEEPFILE_H

#include <sys/stat.h>

#include "base/buf.h"

// Whether something bears the name.
bool keepfile_is_there(const char *path) __attribute__((nonnull));

// Makes the directory that holds `path`, and those above it that are missing, with that mode.
// 0, or -1 and errno.
int keepfile_make_directory(const char *path, mode_t mode)
    __attribute__((nonnull, warn_unused_result));

// Writes the file, of that mode from its first octet on. What was there becomes PATH.bak, in
// place of an older one. 0, or -1 and errno: all is then as it was.
int keepfile_write(const char *path, struct span text, mode_t mode)
    __attribute__((nonnull, warn_unused_result));

#endif
