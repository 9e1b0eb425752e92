// SPDX-License-Identifier: ISC
// What the tracer knows of system calls: the names of those that touch files, memory and
// descriptors, where their arguments name a file, which errors each may end in, and which of
// them change what another process or a later one can see. Linux on x86-64.
#ifndef FAULT_CALLS_H
#define FAULT_CALLS_H

#include <stdbool.h>
#include <stdint.h>

// Where a call's arguments name files.
enum calls_shape {
    CALLS_NONE,  // nowhere
    CALLS_FD,    // the first is a descriptor
    CALLS_PATH,  // the first is a path
    CALLS_AT,    // the first two are a directory's descriptor and a path
    CALLS_AT_AT, // so are the first two, and the next two
};

struct call {
    unsigned number;
    const char *name;
    enum calls_shape shape;
    unsigned errors; // a set of kinds of errors, calls.c's own
    bool changes;    // somebody else can see that it was made
};

// NULL for calls that are of no interest.
const struct call *calls_find(uint64_t number);

// The error of that name, such as "EIO"; 0 where there is none.
int calls_error(const char *name) __attribute__((nonnull));
// Whether the kernel could end this call so. `arguments` are the call's six.
bool calls_may_fail(const struct call *c, const uint64_t *arguments, int error)
    __attribute__((nonnull));
// Whether it changes something; an open does so only if it may create or cut a file.
bool calls_changes(const struct call *c, const uint64_t *arguments) __attribute__((nonnull));

#endif
