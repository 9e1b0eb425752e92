// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/setup/keepfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "base/io.h"

enum { KEEPFILE_PATH_MAX = 4096 };

bool keepfile_is_there(const char *path)
{
    struct stat st;
    return io_stat_at(AT_FDCWD, path, &st) == 0;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

// The directory of the path, "." where it names none.
static void put_directory(struct buf *out, const char *path)
{
    const char *last = last_part(path);
    if (last == path)
        buf_putc(out, '.');
    else
        buf_put(out, path, last - 1 == path ? 1 : (size_t)(last - 1 - path));
}

int keepfile_make_directory(const char *path, mode_t mode)
{
    struct buf name = BUF_INIT(KEEPFILE_PATH_MAX);
    int bad = 0;
    for (const char *slash = path; !bad && (slash = strchr(slash + 1, '/'));) {
        struct stat st;
        buf_clear(&name);
        buf_put(&name, path, (size_t)(slash - path));
        if (io_stat_at(AT_FDCWD, buf_str(&name), &st) == 0)
            continue;
        bad = io_mkdir(AT_FDCWD, buf_str(&name), mode) && errno != EEXIST;
        // The umask has taken from it what others need to find the config.
        int fd = bad ? -1 : io_open(AT_FDCWD, buf_str(&name), O_RDONLY | O_DIRECTORY, 0);
        if (!bad && (fd < 0 || io_chmod(fd, mode)))
            bad = -1;
        io_close(fd);
    }
    buf_free(&name);
    return bad ? -1 : 0;
}

static int fill(int dir, const char *name, struct span text, mode_t mode)
{
    int fd = io_open(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -1;
    int bad = io_write(fd, text.p ? text.p : "", text.n) || io_chmod(fd, mode) || io_sync(fd);
    int error = errno;
    if (io_close_checked(fd) && !bad) {
        bad = -1;
        error = errno;
    }
    if (bad)
        io_unlink(dir, name);
    errno = error;
    return bad ? -1 : 0;
}

// Puts `fresh` where `name` is; what was there is then `old`.
static int put_in_place(int dir, const char *fresh, const char *name, const char *old)
{
    if (io_rename(dir, fresh, dir, name) == 0)
        return 0;
    if (errno != EEXIST)
        return -1;
    if (io_exchange(dir, fresh, dir, name) == 0) {
        io_unlink(dir, old);
        return io_rename(dir, fresh, dir, old);
    }
    // Not every file system can: then there is a moment without the file.
    io_unlink(dir, old);
    return io_rename(dir, name, dir, old) || io_rename(dir, fresh, dir, name) ? -1 : 0;
}

int keepfile_write(const char *path, struct span text, mode_t mode)
{
    struct buf where = BUF_INIT(KEEPFILE_PATH_MAX), fresh = BUF_INIT(KEEPFILE_PATH_MAX),
               old = BUF_INIT(KEEPFILE_PATH_MAX);
    const char *name = last_part(path);
    uint64_t random = 0;
    int bad = -1, error;
    put_directory(&where, path);
    int dir = io_open(AT_FDCWD, buf_str(&where), O_RDONLY | O_DIRECTORY, 0);
    if (dir < 0 || io_random(&random, sizeof random))
        goto out;
    buf_printf(&fresh, ".%s.%016" PRIx64, name, random);
    buf_printf(&old, "%s.bak", name);
    if (fill(dir, buf_str(&fresh), text, mode))
        goto out;
    bad = put_in_place(dir, buf_str(&fresh), name, buf_str(&old));
    if (bad) {
        error = errno;
        io_unlink(dir, buf_str(&fresh));
        errno = error;
    } else {
        bad = io_sync(dir);
    }
out:
    error = errno;
    io_close(dir);
    buf_free(&where);
    buf_free(&fresh);
    buf_free(&old);
    errno = error;
    return bad ? -1 : 0;
}
