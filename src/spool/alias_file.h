// SPDX-License-Identifier: ISC
// The aliases file on disk. Its path comes from the config and from nowhere else.
#ifndef SPOOL_ALIAS_FILE_H
#define SPOOL_ALIAS_FILE_H

#include "base/buf.h"
#include "message/aliases.h"

struct alias_file {
    struct buf text;
    struct aliases aliases;
};

enum alias_file_answer {
    ALIAS_FILE_READ,
    ALIAS_FILE_ABSENT, // the standard file, which need not be there, is not there
    ALIAS_FILE_BAD,    // it can not be read, or must not be believed: *why
};

// Reads the file at `path`; it is one without entries after any answer but the first. A file
// that everybody can write is not believed; one that is no regular file is not waited for.
// "FILE: reason" is appended to *why. The caller ends it with alias_file_free.
enum alias_file_answer alias_file_read(struct alias_file *f, const char *path, struct buf *why)
    __attribute__((nonnull, warn_unused_result));
void alias_file_free(struct alias_file *f) __attribute__((nonnull));

#endif
