// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>

enum {
    DISK = 1 << 0,   // ENOSPC, EDQUOT
    BROKEN = 1 << 1, // EIO
    SIGNAL = 1 << 2, // EINTR
    MEMORY = 1 << 3, // ENOMEM
    RIGHTS = 1 << 4, // EACCES
    TABLE = 1 << 5,  // ENFILE
};

static const struct {
    const char *name;
    int error;
    unsigned kind;
} errors[] = {
    {"ENOSPC", ENOSPC, DISK},      {"EDQUOT", EDQUOT, DISK},   {"EIO", EIO, BROKEN},
    {"EINTR", EINTR, SIGNAL},      {"ENOMEM", ENOMEM, MEMORY}, {"EACCES", EACCES, RIGHTS},
    {"ENFILE", ENFILE, TABLE},     {"EINVAL", EINVAL, 0},      {"ENOSYS", ENOSYS, 0},
    {"ENOLCK", ENOLCK, 0},         {"EPERM", EPERM, 0},        {"EROFS", EROFS, 0},
    {"EOPNOTSUPP", EOPNOTSUPP, 0},
};

// dup, close_range, umask and the like can not fail with anything that a full machine brings.
static const struct call calls[] = {
    {SYS_read, "read", CALLS_FD, BROKEN | SIGNAL, false},
    {SYS_write, "write", CALLS_FD, DISK | BROKEN | SIGNAL, true},
    {SYS_open, "open", CALLS_PATH, BROKEN | MEMORY | RIGHTS | TABLE, false},
    {SYS_close, "close", CALLS_FD, DISK | BROKEN | SIGNAL, false},
    {SYS_stat, "stat", CALLS_PATH, BROKEN | MEMORY | RIGHTS, false},
    {SYS_fstat, "fstat", CALLS_FD, BROKEN | MEMORY, false},
    {SYS_lstat, "lstat", CALLS_PATH, BROKEN | MEMORY | RIGHTS, false},
    {SYS_poll, "poll", CALLS_NONE, SIGNAL | MEMORY, false},
    {SYS_mmap, "mmap", CALLS_NONE, MEMORY, false},
    {SYS_mprotect, "mprotect", CALLS_NONE, MEMORY, false},
    {SYS_brk, "brk", CALLS_NONE, MEMORY, false},
    {SYS_mremap, "mremap", CALLS_NONE, MEMORY, false},
    {SYS_pread64, "pread64", CALLS_FD, BROKEN | SIGNAL, false},
    {SYS_pwrite64, "pwrite64", CALLS_FD, DISK | BROKEN | SIGNAL, true},
    {SYS_writev, "writev", CALLS_FD, DISK | BROKEN | SIGNAL, true},
    {SYS_access, "access", CALLS_PATH, BROKEN | MEMORY | RIGHTS, false},
    {SYS_sendto, "sendto", CALLS_FD, SIGNAL | MEMORY, true},
    {SYS_recvfrom, "recvfrom", CALLS_FD, SIGNAL | MEMORY, false},
    {SYS_sendmsg, "sendmsg", CALLS_FD, SIGNAL | MEMORY, true},
    {SYS_recvmsg, "recvmsg", CALLS_FD, SIGNAL | MEMORY, false},
    {SYS_socket, "socket", CALLS_NONE, MEMORY | RIGHTS | TABLE, false},
    {SYS_connect, "connect", CALLS_FD, SIGNAL | RIGHTS, true},
    {SYS_socketpair, "socketpair", CALLS_NONE, MEMORY | TABLE, false},
    {SYS_clone, "clone", CALLS_NONE, MEMORY, true},
    {SYS_clone3, "clone3", CALLS_NONE, MEMORY, true},
    {SYS_vfork, "vfork", CALLS_NONE, MEMORY, true},
    {SYS_execve, "execve", CALLS_PATH, BROKEN | MEMORY | RIGHTS | TABLE, true},
    {SYS_exit_group, "exit_group", CALLS_NONE, 0, true},
    {SYS_wait4, "wait4", CALLS_NONE, SIGNAL, false},
    {SYS_kill, "kill", CALLS_NONE, 0, true},
    {SYS_fcntl, "fcntl", CALLS_FD, 0, false},
    {SYS_flock, "flock", CALLS_FD, SIGNAL | MEMORY, true},
    {SYS_fsync, "fsync", CALLS_FD, DISK | BROKEN | SIGNAL, true},
    {SYS_fdatasync, "fdatasync", CALLS_FD, DISK | BROKEN | SIGNAL, true},
    {SYS_syncfs, "syncfs", CALLS_FD, DISK | BROKEN, true},
    {SYS_ftruncate, "ftruncate", CALLS_FD, DISK | BROKEN | SIGNAL, true},
    {SYS_getdents64, "getdents64", CALLS_FD, BROKEN | MEMORY, false},
    {SYS_rename, "rename", CALLS_NONE, DISK | BROKEN | MEMORY | RIGHTS, true},
    {SYS_openat, "openat", CALLS_AT, BROKEN | SIGNAL | MEMORY | RIGHTS | TABLE, false},
    {SYS_openat2, "openat2", CALLS_AT, BROKEN | SIGNAL | MEMORY | RIGHTS | TABLE, false},
    {SYS_mkdirat, "mkdirat", CALLS_AT, DISK | BROKEN | MEMORY | RIGHTS, true},
    {SYS_newfstatat, "newfstatat", CALLS_AT, BROKEN | MEMORY | RIGHTS, false},
    {SYS_statx, "statx", CALLS_AT, BROKEN | MEMORY | RIGHTS, false},
    {SYS_unlinkat, "unlinkat", CALLS_AT, BROKEN | MEMORY | RIGHTS, true},
    {SYS_renameat, "renameat", CALLS_AT_AT, DISK | BROKEN | MEMORY | RIGHTS, true},
    {SYS_renameat2, "renameat2", CALLS_AT_AT, DISK | BROKEN | MEMORY | RIGHTS, true},
    {SYS_linkat, "linkat", CALLS_AT_AT, DISK | BROKEN | MEMORY | RIGHTS, true},
    {SYS_readlink, "readlink", CALLS_PATH, BROKEN | MEMORY | RIGHTS, false},
    {SYS_readlinkat, "readlinkat", CALLS_AT, BROKEN | MEMORY | RIGHTS, false},
    {SYS_utimensat, "utimensat", CALLS_FD, DISK | BROKEN | RIGHTS, true},
    {SYS_pipe2, "pipe2", CALLS_NONE, TABLE, false},
    {SYS_signalfd4, "signalfd4", CALLS_NONE, MEMORY | TABLE, false},
    {SYS_pidfd_open, "pidfd_open", CALLS_NONE, MEMORY | TABLE, false},
    {SYS_memfd_create, "memfd_create", CALLS_NONE, MEMORY | TABLE, false},
    {SYS_getrandom, "getrandom", CALLS_NONE, SIGNAL, false},
};

const struct call *calls_find(uint64_t number)
{
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (calls[i].number == number)
            return &calls[i];
    return NULL;
}

int calls_error(const char *name)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (strcmp(errors[i].name, name) == 0)
            return errors[i].error;
    return 0;
}

static bool is_open(const struct call *c)
{
    return c->number == SYS_open || c->number == SYS_openat;
}

bool calls_changes(const struct call *c, const uint64_t *arguments)
{
    uint64_t flags = c->number == SYS_open ? arguments[1] : arguments[2];
    return c->changes || (is_open(c) && flags & (O_CREAT | O_TRUNC));
}

bool calls_may_fail(const struct call *c, const uint64_t *arguments, int error)
{
    unsigned kinds = c->errors;
    if (c->number == SYS_brk && !arguments[0]) // it only asks
        return false;
    if (is_open(c) && calls_changes(c, arguments))
        kinds |= DISK;
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].error == error)
            return kinds & errors[i].kind;
    return false;
}
