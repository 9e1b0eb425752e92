// SPDX-License-Identifier: ISC
// nullmailer's remotes, and the files of one value beside it (nullmailer-send(8),
// nullmailer-inject(1)). Pure.
#ifndef SENDOFF_IMPORT_NULLMAILER_H
#define SENDOFF_IMPORT_NULLMAILER_H

#include "sendoff/setup/importing.h"

void import_nullmailer(struct importing *m, struct span remotes) __attribute__((nonnull));
// What the file of that name says; to be called behind import_nullmailer, `me` and the like
// before `defaultdomain`. False where it is of no interest.
bool import_nullmailer_beside(struct importing *m, const char *name, struct span text)
    __attribute__((nonnull));

// The names for import_nullmailer_beside, in that order, ended by NULL.
extern const char *const import_nullmailer_names[];

#endif
