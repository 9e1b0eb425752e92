// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "spool/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/io.h"

enum { HOLDER_MAX = 64 };

// The lock counts only if the name still leads to the file that was locked: a file that was
// replaced meanwhile would let two holders in.
static int check_lock(int fd, int dir, const char *name)
{
    struct stat held, named;
    if (io_stat(fd, &held) || io_stat_at(dir, name, &named))
        return -1;
    if (!S_ISREG(held.st_mode) || held.st_uid != geteuid()) {
        errno = EPERM;
        return -1;
    }
    if (held.st_dev != named.st_dev || held.st_ino != named.st_ino) {
        errno = EWOULDBLOCK;
        return -1;
    }
    return 0;
}

static void write_holder(int fd)
{
    struct buf text = BUF_INIT(HOLDER_MAX);
    // For people only, so a failure here changes nothing; the width covers an older text.
    buf_printf(&text, "pid %-12d\n", (int)getpid());
    if (io_pwrite(fd, text.p, LOCK_HOLDER_WIDTH, 0))
        errno = 0;
    buf_free(&text);
}

int lock_take(int dir, const char *name)
{
    // O_NONBLOCK: whatever bears the name (a FIFO, a file under a lease), open must not wait.
    int fd = io_open(dir, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd < 0)
        return -1;
    if (io_lock(fd) || check_lock(fd, dir, name)) {
        io_close(fd);
        return -1;
    }
    write_holder(fd);
    return fd;
}

void lock_holder(int dir, const char *name, struct buf *out)
{
    char text[HOLDER_MAX];
    int fd = io_open(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
    ssize_t n = fd < 0 ? -1 : io_pread(fd, text, sizeof text, 0);
    io_close(fd);
    struct span rest = {text, n > 0 ? (size_t)n : 0}, holder;
    if (n > 0 && span_cut(&rest, '\n', &holder))
        text_clean(out, span_trim(holder), HOLDER_MAX);
    else
        buf_puts(out, "somebody");
}
