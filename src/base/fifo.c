// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "base/fifo.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/io.h"

enum { READS_MAX = 256 };

// Whether it is a FIFO that nobody but root or we can have put there.
static bool is_bell(int fd, bool ours)
{
    struct stat st;
    if (io_stat(fd, &st))
        return false;
    if (S_ISFIFO(st.st_mode) && (st.st_uid == geteuid() || (!ours && st.st_uid == 0)))
        return true;
    errno = EPERM;
    return false;
}

int fifo_ring(const char *path)
{
    int fd = io_open(AT_FDCWD, path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW, 0);
    if (fd < 0)
        return -1;
    int answer = -1;
    if (is_bell(fd, false))
        answer = io_write(fd, "!", 1) && errno != EAGAIN ? -1 : 0;
    io_close(fd);
    return answer;
}

bool fifo_is_heard(const char *path)
{
    int fd = io_open(AT_FDCWD, path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW, 0);
    bool heard = fd >= 0 && is_bell(fd, false);
    io_close(fd);
    return heard;
}

int fifo_listen(const char *path, mode_t mode)
{
    if (io_mkfifo(AT_FDCWD, path, 0600) && errno != EEXIST)
        return -1;
    int fd = io_open(AT_FDCWD, path, O_RDWR | O_NONBLOCK | O_NOFOLLOW, 0);
    if (fd < 0 || (is_bell(fd, true) && io_chmod(fd, mode) == 0))
        return fd;
    io_close(fd);
    return -1;
}

bool fifo_empty(int fd)
{
    char sink[4096];
    int reads = 0;
    // Bounded: somebody may put in faster than we take out.
    while (reads < READS_MAX && io_read(fd, sink, sizeof sink) > 0)
        reads++;
    return reads > 0;
}
