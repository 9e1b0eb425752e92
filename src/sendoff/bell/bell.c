// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/bell/bell.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/fifo.h"
#include "base/io.h"
#include "spool/lock.h"

// Anybody may ring for the system, nobody else for a user; and in the directory of the system's
// bell nobody but root may put another.
enum { SYSTEM_BELL = 0622, SYSTEM_DIR = 0755, OWN_BELL = 0600, OWN_DIR = 0700 };

// Opens the directory, made if it is missing; *made tells.
static int open_dir(const char *path, bool *made)
{
    *made = io_mkdir(AT_FDCWD, path, OWN_DIR) == 0;
    return io_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NONBLOCK, 0);
}

// The directory of the bell at `path`, with the missing ones above it. A descriptor, or -1 and
// errno.
static int make_dirs(char *path, mode_t mode)
{
    bool made = false;
    for (char *slash = path; (slash = strchr(slash + 1, '/'));) {
        *slash = '\0';
        int fd = open_dir(path, &made);
        bool last = !strchr(slash + 1, '/');
        *slash = '/';
        if (last && fd >= 0 && made && io_chmod(fd, mode)) {
            io_close(fd);
            return -1;
        }
        if (last)
            return fd;
        io_close(fd);
    }
    errno = ENOENT;
    return -1;
}

static enum bell_answer listen_at(struct bell *b, char *path, bool personal)
{
    int dir = make_dirs(path, personal ? OWN_DIR : SYSTEM_DIR);
    if (dir < 0)
        return BELL_NONE;
    b->lock = lock_take(dir, "bell.lock");
    io_close(dir);
    if (b->lock >= 0)
        b->fd = fifo_listen(path, personal ? OWN_BELL : SYSTEM_BELL);
    else if (errno == EWOULDBLOCK)
        return BELL_ANOTHERS;
    return b->fd >= 0 ? BELL_OURS : BELL_NONE;
}

enum bell_answer bell_listen(struct bell *b, const struct config *config)
{
    struct buf path = BUF_INIT(4096);
    enum bell_answer answer = BELL_NONE;
    *b = BELL_CLOSED;
    errno = ENOENT;
    if (config_bell(config, &path) && path.n)
        answer = listen_at(b, path.p, config->mode == CONFIG_PERSONAL);
    buf_free(&path);
    return answer;
}

bool bell_take(struct bell *b, int fd)
{
    struct stat st;
    *b = BELL_CLOSED;
    if (io_stat(fd, &st) || !S_ISFIFO(st.st_mode) || fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK))
        return false;
    b->fd = fd;
    return true;
}

void bell_close(struct bell *b)
{
    io_close(b->fd);
    io_close(b->lock);
    *b = BELL_CLOSED;
}

bool bell_ring(const struct config *config)
{
    struct buf path = BUF_INIT(4096);
    bool heard = config_bell(config, &path) && fifo_ring(buf_str(&path)) == 0;
    buf_free(&path);
    return heard;
}
