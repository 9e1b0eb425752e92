// SPDX-License-Identifier: ISC
// Calls of base/io.h that fail as a test wants it. The test has the line
//
//   wraps: io_open io_write io_pwrite io_sync io_unlink io_rename io_close_checked
//
// A call has a letter: o open, w write, m pwrite (a mark), s sync, u unlink, r rename, c close.
#ifndef UNIT_FAULTS_H
#define UNIT_FAULTS_H

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/types.h>

// What each of them fails with from now on; 0: it does not.
static struct faults {
    int open, write, pwrite, sync, unlink, rename, close;
} fault;
// In place of that, who says what a call fails with: its letter, and the descriptor or
// directory it is about (of a rename, the new one).
static int (*fault_judge)(char call, int fd);
// The letters of the calls that came, of those that are to be noted.
static char did[4096];
static const char *fault_noted = "";

// What the call fails with by `fault`.
static inline int fault_of(char call)
{
    switch (call) {
    case 'o': return fault.open;
    case 'w': return fault.write;
    case 'm': return fault.pwrite;
    case 's': return fault.sync;
    case 'u': return fault.unlink;
    case 'r': return fault.rename;
    default: return fault.close;
    }
}

// For each test: all is well from now on, and nothing was done yet.
static inline void faults_begin(const char *noted, int (*judge)(char call, int fd))
{
    fault = (struct faults){0};
    fault_judge = judge;
    fault_noted = noted;
    did[0] = '\0';
}

static inline bool fault_hits(char call, int fd)
{
    size_t n = strlen(did);
    if (strchr(fault_noted, call) && n < sizeof did - 1)
        memcpy(did + n, (char[]){call, '\0'}, 2);
    int error = fault_judge ? fault_judge(call, fd) : fault_of(call);
    if (error)
        errno = error;
    return error;
}

int __real_io_open(int dir, const char *name, int flags, mode_t mode);
int __wrap_io_open(int dir, const char *name, int flags, mode_t mode);
int __real_io_write(int fd, const void *p, size_t n);
int __wrap_io_write(int fd, const void *p, size_t n);
int __real_io_pwrite(int fd, const void *p, size_t n, off_t at);
int __wrap_io_pwrite(int fd, const void *p, size_t n, off_t at);
int __real_io_sync(int fd);
int __wrap_io_sync(int fd);
int __real_io_unlink(int dir, const char *name);
int __wrap_io_unlink(int dir, const char *name);
int __real_io_rename(int from_dir, const char *from, int to_dir, const char *to);
int __wrap_io_rename(int from_dir, const char *from, int to_dir, const char *to);
int __real_io_close_checked(int fd);
int __wrap_io_close_checked(int fd);

int __wrap_io_open(int dir, const char *name, int flags, mode_t mode)
{
    return fault_hits('o', dir) ? -1 : __real_io_open(dir, name, flags, mode);
}

int __wrap_io_write(int fd, const void *p, size_t n)
{
    return fault_hits('w', fd) ? -1 : __real_io_write(fd, p, n);
}

int __wrap_io_pwrite(int fd, const void *p, size_t n, off_t at)
{
    return fault_hits('m', fd) ? -1 : __real_io_pwrite(fd, p, n, at);
}

int __wrap_io_sync(int fd)
{
    return fault_hits('s', fd) ? -1 : __real_io_sync(fd);
}

int __wrap_io_unlink(int dir, const char *name)
{
    return fault_hits('u', dir) ? -1 : __real_io_unlink(dir, name);
}

int __wrap_io_rename(int from_dir, const char *from, int to_dir, const char *to)
{
    return fault_hits('r', to_dir) ? -1 : __real_io_rename(from_dir, from, to_dir, to);
}

// The descriptor is gone in any case, as with close(2).
int __wrap_io_close_checked(int fd)
{
    int bad = __real_io_close_checked(fd);
    return fault_hits('c', fd) ? -1 : bad;
}

#endif
