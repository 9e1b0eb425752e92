// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

int io_open(int dir, const char *name, int flags, mode_t mode)
{
    int fd;
    do
        fd = openat(dir, name, flags | O_CLOEXEC | O_NOCTTY, mode);
    while (fd < 0 && errno == EINTR);
    return fd;
}

void io_close(int fd)
{
    int kept = errno;
    if (fd >= 0)
        close(fd);
    errno = kept;
}

int io_close_checked(int fd)
{
    // Linux has let go of the descriptor whatever close says, so EINTR is not a reason to try
    // again.
    return close(fd) && errno != EINTR ? -1 : 0;
}

ssize_t io_read(int fd, void *p, size_t n)
{
    ssize_t got;
    do
        got = read(fd, p, n);
    while (got < 0 && errno == EINTR);
    return got;
}

ssize_t io_pread(int fd, void *p, size_t n, off_t at)
{
    ssize_t got;
    do
        got = pread(fd, p, n, at);
    while (got < 0 && errno == EINTR);
    return got;
}

int io_write(int fd, const void *p, size_t n)
{
    const char *from = p;
    while (n) {
        ssize_t put = write(fd, from, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -1;
        from += put;
        n -= (size_t)put;
    }
    return 0;
}

int io_pwrite(int fd, const void *p, size_t n, off_t at)
{
    const char *from = p;
    while (n) {
        ssize_t put = pwrite(fd, from, n, at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -1;
        from += put;
        at += put;
        n -= (size_t)put;
    }
    return 0;
}

int io_sync(int fd)
{
    int bad;
    do
        bad = fsync(fd);
    while (bad && errno == EINTR);
    return bad;
}

void io_write_back(int fd, off_t at, off_t n)
{
    int kept = errno;
    // Where there is no such call, or not for this file, io_sync has more to do; errors of the
    // disk stay for it to find.
    (void)sync_file_range(fd, at, n, SYNC_FILE_RANGE_WRITE);
    errno = kept;
}

int io_syncfs(int fd)
{
    return syncfs(fd);
}

int io_rename(int from_dir, const char *from, int to_dir, const char *to)
{
    if (renameat2(from_dir, from, to_dir, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    if (linkat(from_dir, from, to_dir, to, 0))
        return -1;
    // It has its new name now. An old one that stays is what a crash here would leave, too.
    unlinkat(from_dir, from, 0);
    return 0;
}

int io_unlink(int dir, const char *name)
{
    return unlinkat(dir, name, 0);
}

int io_mkdir(int dir, const char *name, mode_t mode)
{
    return mkdirat(dir, name, mode);
}

int io_stat(int fd, struct stat *st)
{
    return fstat(fd, st);
}

int io_stat_at(int dir, const char *name, struct stat *st)
{
    return fstatat(dir, name, st, AT_SYMLINK_NOFOLLOW);
}

int io_resolve(const char *path, char *out)
{
    return realpath(path, out) ? 0 : -1;
}

int io_touch(int fd, int64_t when)
{
    int64_t seconds = when / 1000000, rest = when % 1000000;
    struct timespec t[2] = {{.tv_nsec = UTIME_OMIT},
                            {.tv_sec = (time_t)seconds, .tv_nsec = (long)(rest * 1000)}};
    return futimens(fd, t);
}

int io_truncate(int fd, off_t size)
{
    int bad;
    do
        bad = ftruncate(fd, size);
    while (bad && errno == EINTR);
    return bad;
}

int io_lock(int fd)
{
    int bad;
    do
        bad = flock(fd, LOCK_EX | LOCK_NB);
    while (bad && errno == EINTR);
    return bad;
}

bool io_is_locked(int fd)
{
    if (flock(fd, LOCK_SH | LOCK_NB))
        return errno == EWOULDBLOCK;
    flock(fd, LOCK_UN);
    return false;
}

int io_random(void *p, size_t n)
{
    char *to = p;
    while (n) {
        ssize_t got = getrandom(to, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        to += got;
        n -= (size_t)got;
    }
    return 0;
}
