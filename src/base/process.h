// SPDX-License-Identifier: ISC
// How a program of ours begins, whatever state its caller left it in.
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <stdbool.h>

// To be called before anything else: makes descriptors 0 to 2 exist (a closed one becomes
// /dev/null, so that no file of ours can get its number), closes all others, sets umask 077 and
// ignores SIGPIPE and SIGXFSZ. SIGCHLD gets its default: where a caller left it ignored, the
// kernel throws the status of our children away. For root, variables that name files to libc
// are forgotten. Returns whether stdin was open.
bool process_begin(void);

// The same for a program that a service manager may have handed descriptors to: these stay
// open, close on exec, and are numbered from PROCESS_GIVEN on. Returns how many.
enum { PROCESS_GIVEN = 3 };
int process_begin_given(void);

// Raises the soft limits to the hard ones: what we start works for others, not for our caller.
void process_full_limits(void);

// The last part of a path: the name by which the program was called.
const char *process_name(const char *argv0);

// Blocks the signals that could end the program, until it exits, or until they are let in
// again; that does nothing where they are not blocked.
void process_block_signals(void);
void process_unblock_signals(void);

// Ends the program at once (EX_TEMPFAIL) where going on would not be safe; what is on the disk
// is consistent at any time. Says so in the log.
_Noreturn void process_abandon(const char *why) __attribute__((nonnull));

#endif
