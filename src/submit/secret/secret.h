// SPDX-License-Identifier: ISC
// The secret of an account, from its file or its program to its end. Only this file opens a
// secret; it lies in a vault, is never printed, and is overwritten when it has done its duty.
//
// Who may read the file is asked of the opened descriptor (HAZARDS 2), so symbolic links are
// fine: they are how containers and NixOS hand out secrets.
#ifndef SUBMIT_SECRET_H
#define SUBMIT_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/text.h"
#include "submit/secret/program.h"
#include "submit/wait.h"

enum { SECRET_MAX = 65536 }; // octets, the line end included

struct secret {
    size_t n;
    const char *exposed;         // why it is forgiven that others can read the file, or NULL
    char octets[SECRET_MAX + 1]; // one more, to see that a file is too long
};

enum secret_fault {
    SECRET_FINE,
    SECRET_NO_FILE,  // a directory, device, FIFO, socket
    SECRET_STRANGER, // owned by neither root nor the user that reads it
    SECRET_WRITABLE, // others may change it
    SECRET_READABLE, // others may read it
};

// Judges a file by its owner and mode. The group may have access where it is root's or `gid`;
// with `exempt`, read permission for others is no fault (secret_exempt, secret_is_alone).
enum secret_fault secret_judge(const struct stat *st, uid_t uid, gid_t gid, bool exempt)
    __attribute__((nonnull));

// Whether the path lies under /run/secrets or under `credentials` (the value of
// $CREDENTIALS_DIRECTORY, "" where there is none).
bool secret_exempt(const char *path, const char *credentials) __attribute__((nonnull));

// Whether all processes run as one uid, by what /proc/self/uid_map says: then mode bits keep
// nobody out, and say nothing.
bool secret_is_alone(struct span uid_map);

// A place for a secret, NULL and errno where there is no memory; secret_free wipes it.
struct secret *secret_new(void) __attribute__((warn_unused_result));
// NULL is accepted.
void secret_free(struct secret *s);

// Reads the file at `path`; one line end after the last octet is not part of the secret. On
// failure *s is wiped, and *why is given a text that names the file and what to do.
bool secret_read(struct secret *s, const char *path, struct buf *why)
    __attribute__((nonnull, warn_unused_result));

// Has the program of that command line (program.h) tell it: the first line of what it prints.
// Where it does not, *s is wiped and *why told.
enum program_answer secret_ask(struct secret *s, const char *command, struct wait *w,
                               struct buf *why) __attribute__((nonnull, warn_unused_result));

// Valid until the secret is wiped or read again.
struct span secret_span(const struct secret *s) __attribute__((nonnull));

void secret_wipe(struct secret *s) __attribute__((nonnull));

#endif
