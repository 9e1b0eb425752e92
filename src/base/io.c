// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/statvfs.h>
#include <unistd.h>
#if PORT_LINUX
#include <linux/openat2.h>
#include <sys/syscall.h>
#endif

int io_open(int dir, const char *name, int flags, mode_t mode)
{
    int fd;
    do
        fd = openat(dir, name, flags | O_CLOEXEC | O_NOCTTY, mode);
    while (fd < 0 && errno == EINTR);
    if (fd < 0 && errno == EMLINK)
        errno = ELOOP; // what FreeBSD says of a link that O_NOFOLLOW meets
    return fd;
}

// With it in the flags the kernel knows no others but these for directories and links.
#if PORT_LINUX
enum { ONLY_PATH = O_PATH };
#else
enum { ONLY_PATH = 0 };
#endif

// For kernels before 5.6, and sandboxes that do not know openat2: what was opened must be on
// the directory's file system, too.
static int open_and_compare(int dir, const char *name, int flags, mode_t mode)
{
    struct stat above, opened;
    int fd = io_open(dir, name, flags, mode);
    if (fd < 0 ||
        (fstat(dir, &above) == 0 && fstat(fd, &opened) == 0 && above.st_dev == opened.st_dev))
        return fd;
    close(fd);
    errno = EXDEV;
    return -1;
}

// openat2(2); ENOSYS where there is none.
static int open_inside(int dir, const char *name, int flags, mode_t mode)
{
#if PORT_LINUX
    struct open_how how = {
        .flags = (unsigned)flags,
        .mode = flags & O_CREAT ? mode : 0,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS |
                   RESOLVE_NO_XDEV,
    };
    return (int)syscall(SYS_openat2, dir, name, &how, sizeof how);
#else
    (void)dir, (void)name, (void)flags, (void)mode;
    errno = ENOSYS;
    return -1;
#endif
}

int io_open_beneath(int dir, const char *name, int flags, mode_t mode)
{
    static bool unknown;
    flags |= O_CLOEXEC | O_NOFOLLOW;
    if (!(flags & ONLY_PATH))
        flags |= O_NOCTTY | O_NONBLOCK;
    int fd = -1;
    do
        fd = unknown ? -1 : open_inside(dir, name, flags, mode);
    while (fd < 0 && !unknown && errno == EINTR);
    if (fd >= 0)
        return fd;
    if (!unknown && errno != ENOSYS && errno != EPERM)
        return -1;
    unknown = unknown || errno == ENOSYS;
    return open_and_compare(dir, name, flags, mode);
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
#if PORT_LINUX
    (void)sync_file_range(fd, at, n, SYNC_FILE_RANGE_WRITE);
#else
    (void)fd, (void)at, (void)n;
#endif
    errno = kept;
}

int io_syncfs(int fd)
{
#if PORT_LINUX
    return syncfs(fd);
#else
    sync(); // of all file systems, and its errors are not told
    return fsync(fd);
#endif
}

enum { KEEP = 1, EXCHANGE = 2 }; // RENAME_NOREPLACE, RENAME_EXCHANGE

// renameat2(2), by its number where libc has no function for it.
static int rename_as(int from_dir, const char *from, int to_dir, const char *to, unsigned how)
{
#if PORT_LINUX && defined(__GLIBC__)
    return renameat2(from_dir, from, to_dir, to, how);
#elif PORT_LINUX
    return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, how);
#else
    (void)from_dir, (void)from, (void)to_dir, (void)to, (void)how;
    errno = ENOSYS;
    return -1;
#endif
}

int io_rename(int from_dir, const char *from, int to_dir, const char *to)
{
    if (rename_as(from_dir, from, to_dir, to, KEEP) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    if (linkat(from_dir, from, to_dir, to, 0))
        return -1;
    // It has its new name now. An old one that stays is what a crash here would leave, too.
    unlinkat(from_dir, from, 0);
    return 0;
}

int io_replace(int from_dir, const char *from, int to_dir, const char *to)
{
    return renameat(from_dir, from, to_dir, to);
}

int io_exchange(int a_dir, const char *a, int b_dir, const char *b)
{
    return rename_as(a_dir, a, b_dir, b, EXCHANGE);
}

int io_unlink(int dir, const char *name)
{
    return unlinkat(dir, name, 0);
}

// A descriptor of its own: reading a directory moves the position of the one that is shared.
int io_walk(int dir, const char *name, bool (*see)(void *with, const char *name), void *with)
{
    int fd = io_open(dir, name, O_RDONLY | O_DIRECTORY | O_NONBLOCK, 0);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    if (!d) {
        io_close(fd);
        return -1;
    }
    struct dirent *e;
    for (errno = 0; (e = readdir(d)) && see(with, e->d_name); errno = 0)
        ;
    int bad = e ? 0 : errno;
    closedir(d);
    errno = bad;
    return bad ? -1 : 0;
}

int io_mkdir(int dir, const char *name, mode_t mode)
{
    return mkdirat(dir, name, mode);
}

int io_mkfifo(int dir, const char *name, mode_t mode)
{
    return mkfifoat(dir, name, mode);
}

int io_chmod(int fd, mode_t mode)
{
    return fchmod(fd, mode);
}

int io_chown(int fd, uid_t uid, gid_t gid)
{
    return fchown(fd, uid, gid);
}

int io_stat(int fd, struct stat *st)
{
    return fstat(fd, st);
}

int io_stat_at(int dir, const char *name, struct stat *st)
{
    return fstatat(dir, name, st, AT_SYMLINK_NOFOLLOW);
}

int io_stat_beneath(int dir, const char *name, struct stat *st)
{
#if PORT_LINUX
    int fd = io_open_beneath(dir, name, IO_PATH, 0);
    if (fd < 0)
        return -1;
    int bad = fstat(fd, st);
    io_close(fd);
    return bad;
#else
    struct stat above;
    if (fstat(dir, &above) || io_stat_at(dir, name, st))
        return -1;
    if (above.st_dev == st->st_dev)
        return 0;
    errno = EXDEV;
    return -1;
#endif
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

int io_space(int fd, uint64_t *octets)
{
    struct statvfs there;
    if (fstatvfs(fd, &there))
        return -1;
    *octets = (uint64_t)there.f_bavail * there.f_frsize;
    return 0;
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
