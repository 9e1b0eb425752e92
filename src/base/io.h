// SPDX-License-Identifier: ISC
// Every call on a file goes through here: calls broken off by a signal are made again, writes
// are whole, descriptors are closed on exec. It is also the one place where tests make calls
// fail (they wrap these names at link time), so no other file of ours calls the system for a
// file.
//
// Unless said otherwise: 0 or a descriptor on success, -1 and errno on failure. `dir` is a
// directory's descriptor or AT_FDCWD.
#ifndef BASE_IO_H
#define BASE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/port.h"

// To open what is only looked at, or walked through: a flag for what needs no right to read it,
// where there is one.
#if PORT_LINUX
#define IO_PATH O_PATH
#else
#define IO_PATH (O_RDONLY | O_NONBLOCK)
#endif

// openat(2) with O_CLOEXEC and O_NOCTTY added. The caller closes what it gets.
int io_open(int dir, const char *name, int flags, mode_t mode)
    __attribute__((nonnull, warn_unused_result));
// The same in a directory that its owner may have laid traps in: `name` is one name, the file
// must lie in that directory and on its file system, and no link is followed (ELOOP, EXDEV).
// O_NOFOLLOW and O_NONBLOCK are added: it does not wait, whatever bears the name; EWOULDBLOCK
// where somebody has a lease on the file.
int io_open_beneath(int dir, const char *name, int flags, mode_t mode)
    __attribute__((nonnull, warn_unused_result));
// Closes fd where it is one (a negative one is accepted), and keeps errno as it was.
void io_close(int fd);
// close(2) with its verdict: a delayed write error may show only here (NFS, quota).
int io_close_checked(int fd) __attribute__((warn_unused_result));

// Octets read, 0 at the end, -1 and errno.
ssize_t io_read(int fd, void *p, size_t n) __attribute__((nonnull, warn_unused_result));
ssize_t io_pread(int fd, void *p, size_t n, off_t at)
    __attribute__((nonnull, warn_unused_result));
// All n octets or failure.
int io_write(int fd, const void *p, size_t n) __attribute__((nonnull, warn_unused_result));
int io_pwrite(int fd, const void *p, size_t n, off_t at)
    __attribute__((nonnull, warn_unused_result));

// fsync(2). A failure is final: the kernel has marked the pages clean, so it is never tried
// twice.
int io_sync(int fd) __attribute__((warn_unused_result));
// Lets the disk begin with n octets from `at` on: what io_sync will wait for is then partly
// done. It promises nothing and can not fail.
void io_write_back(int fd, off_t at, off_t n);
// syncfs(2): for a directory entry that its maker may not sync through its parent.
int io_syncfs(int fd) __attribute__((warn_unused_result));

// Moves a file and never replaces another one (EEXIST). Falls back to link and unlink where the
// file system has no such rename; a crash between those two leaves both names of one file.
int io_rename(int from_dir, const char *from, int to_dir, const char *to)
    __attribute__((nonnull, warn_unused_result));
// renameat(2): what bore the name before is gone, in one step.
int io_replace(int from_dir, const char *from, int to_dir, const char *to)
    __attribute__((nonnull, warn_unused_result));
// Lets two names change places, in one step. Not every file system (EINVAL) or system (ENOSYS)
// can.
int io_exchange(int a_dir, const char *a, int b_dir, const char *b)
    __attribute__((nonnull, warn_unused_result));
int io_unlink(int dir, const char *name) __attribute__((nonnull));
// Calls `see` with each name in the directory `name`, "." and ".." too, until it says false. 0,
// or -1 and errno where it can not be read to that end. What `dir` is at stays as it is.
int io_walk(int dir, const char *name, bool (*see)(void *with, const char *name), void *with)
    __attribute__((nonnull(2, 3), warn_unused_result));
int io_mkdir(int dir, const char *name, mode_t mode)
    __attribute__((nonnull, warn_unused_result));
int io_mkfifo(int dir, const char *name, mode_t mode)
    __attribute__((nonnull, warn_unused_result));
// fchmod(2): the mode as it is given, whatever the umask.
int io_chmod(int fd, mode_t mode) __attribute__((warn_unused_result));
int io_chown(int fd, uid_t uid, gid_t gid) __attribute__((warn_unused_result));

int io_stat(int fd, struct stat *st) __attribute__((nonnull, warn_unused_result));
// Of the name itself: a symbolic link is not followed.
int io_stat_at(int dir, const char *name, struct stat *st)
    __attribute__((nonnull, warn_unused_result));
// The same for a directory with traps, as io_open_beneath; a symbolic link is seen as one.
int io_stat_beneath(int dir, const char *name, struct stat *st)
    __attribute__((nonnull, warn_unused_result));
// realpath(3): the path without symbolic links, into PATH_MAX octets at `out`.
int io_resolve(const char *path, char *out) __attribute__((nonnull, warn_unused_result));
// Sets the modification time, microseconds since 1970; the access time stays.
int io_touch(int fd, int64_t when) __attribute__((warn_unused_result));

// Octets that a file could still take on the file system of fd, for who is not root.
int io_space(int fd, uint64_t *octets) __attribute__((nonnull, warn_unused_result));

int io_truncate(int fd, off_t size) __attribute__((warn_unused_result));

// flock(2), exclusive, never waiting: EWOULDBLOCK where somebody holds it.
int io_lock(int fd) __attribute__((warn_unused_result));
// Whether somebody holds it so now. To find out, it is locked (shared) for a moment: whoever
// tries io_lock within that has to try again.
bool io_is_locked(int fd);

// Random octets from the kernel.
int io_random(void *p, size_t n) __attribute__((nonnull, warn_unused_result));

#endif
