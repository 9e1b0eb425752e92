// SPDX-License-Identifier: ISC
// What of the file system and of TCP the process may reach from now on (landlock(7)): what the
// resolver, OpenSSL and SASL read, nothing to write, nothing to execute.
#ifndef SUBMIT_LANDLOCK_H
#define SUBMIT_LANDLOCK_H

#include <stddef.h>
#include <stdint.h>

struct landlock_order {
    const char *const *trees; // more directories to be read, or files; NULL ends them
    const char *links;        // a directory whose links are followed, or "": of certificates
    const uint16_t *ports; // the ports of TCP that may be connected to, 0 ends them; NULL: any
};

// Takes everything else away, for good. It wants no_new_privs. Returns the kernel's ABI version
// that is in force, or -1 and errno: ENOSYS or EOPNOTSUPP where the kernel has no Landlock.
int landlock_close(const struct landlock_order *o) __attribute__((nonnull, warn_unused_result));

#endif
