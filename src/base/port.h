// SPDX-License-Identifier: ISC
// What this system has beyond POSIX, and what stands in where it has not. All that is known of
// that is here, in base/io.c (files), base/child.c and base/signals.c; elsewhere nobody asks
// which system it is. -DPORTABLE leaves all of Linux out, so that the stand-ins are built and
// tested there, too.
#ifndef BASE_PORT_H
#define BASE_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// POSIX has it, and no header of it declares it; glibc's and musl's do so all the same.
extern char **environ;

#if defined(__linux__) && !defined(PORTABLE)
#define PORT_LINUX 1
#else
#define PORT_LINUX 0
#endif

// Closes all descriptors from `first` on.
void port_close_from(int first);
// A descriptor that is readable once the child has ended; -1 where there is no such thing: look
// for its end now and then. The caller closes it.
int port_child(pid_t pid) __attribute__((warn_unused_result));
// A descriptor that is readable when one of its members is, which port_set_add adds; -1 where
// there is no such thing: look at all of them now and then. The caller closes it.
int port_set_open(void) __attribute__((warn_unused_result));
int port_set_add(int set, int fd) __attribute__((warn_unused_result));

// Whether the kernel says that this program runs with more rights than its caller.
bool port_is_elevated(void);

// No core dump, and no look at our memory for others. 0, or -1 and errno; 0 as well where the
// system has no such thing, as with the next two.
int port_forbid_dumps(void) __attribute__((warn_unused_result));
// Whole pages of ours, for core dumps and children not to have them, as far as that can be had.
void port_keep_memory(void *p, size_t n) __attribute__((nonnull));
// Nothing that is run from now on gets rights by its file's mode or owner.
int port_forbid_privileges(void) __attribute__((warn_unused_result));
// Gives up what of root's power is not bound to the uid.
int port_drop_capabilities(void) __attribute__((warn_unused_result));

// The uid at the other end of a UNIX socket. 0, or -1 and errno.
int port_peer(int fd, uid_t *uid) __attribute__((nonnull, warn_unused_result));

#endif
