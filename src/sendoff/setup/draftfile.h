// SPDX-License-Identifier: ISC
// A draft on disk: the config, and beside it a file for each password that only its owner can
// read. All of it is written and durable, or nothing that counts is: the config comes last.
#ifndef SENDOFF_DRAFTFILE_H
#define SENDOFF_DRAFTFILE_H

#include "base/buf.h"
#include "sendoff/setup/draft.h"

enum draftfile_kind {
    DRAFTFILE_OWN,    // of a user's own: 0600
    DRAFTFILE_SYSTEM, // for all to read: 0644. Passwords are 0600 in any case
};

// Whether there is an account with a host.
bool draftfile_has_account(const struct draft *d) __attribute__((nonnull));

// Writes it to `path`; passwords go to `password`, or `password.ACCOUNT`, in the same
// directory, and password_file is set so. 0, or EX_CANTCREAT and the complaint in *why.
int draftfile_write(struct draft *d, const char *path, enum draftfile_kind kind,
                    const char *head, struct buf *why)
    __attribute__((nonnull, warn_unused_result));

// Prints it on stdout, without passwords; what is missing then is said on stderr.
int draftfile_print(struct draft *d, const char *head, struct buf *why)
    __attribute__((nonnull, warn_unused_result));

#endif
