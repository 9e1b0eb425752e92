// SPDX-License-Identifier: ISC
// The opening of a maildir (maildir.h). Who reads a spool may be root in a user's directories,
// and opens each below the one above it (io_open_beneath). Who adds to it does so in his own:
// he is in no danger from himself, and some sandboxes end a program for a call that they do not
// know, so he makes do with open(2).
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "spool/lock.h"
#include "spool/maildir.h"

static const char *const place_names[MAILDIR_PLACES] = {
    [MAILDIR_NEW] = "new",
    [MAILDIR_CUR] = "cur",
    [MAILDIR_FAILED_NEW] = ".failed/new",
    [MAILDIR_FAILED_CUR] = ".failed/cur",
};

static bool is_right(const struct stat *st)
{
    return st->st_uid == geteuid() && (st->st_mode & 07777) == 0700;
}

// Whether errno means that something else has the name, or had it a moment ago. Above the name
// the same errors are the path's fault: lstat sees them, too.
static bool is_taken(int dir, const char *name)
{
    struct stat st;
    int kept = errno;
    bool taken = kept == EXDEV;
    if (kept == ENOTDIR || kept == ELOOP || kept == EACCES) {
        bool gone = io_stat_at(dir, name, &st) != 0;
        taken = gone ? errno == ENOENT : kept != EACCES || !is_right(&st);
    }
    errno = kept;
    return taken;
}

// Whether there is nothing under that name, or what kept us from it a moment ago has left it.
static bool is_missing(int dir, const char *name)
{
    struct stat st;
    int kept = errno;
    bool missing = kept == ENOENT || ((kept == ENOTDIR || kept == ELOOP || kept == EACCES) &&
                                      io_stat_at(dir, name, &st) && errno == ENOENT);
    errno = kept;
    return missing;
}

// Opens a directory that must be the effective user's own; with `make`, makes it where it is
// missing. FOREIGN and TROUBLE as the header says; *fd is -1 with both.
static enum maildir_answer open_dir(int dir, const char *name, bool make, int *fd)
{
    static const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK;
    struct stat st;
    if (dir == AT_FDCWD || make)
        *fd = io_open(dir, name, flags, 0);
    else
        *fd = io_open_beneath(dir, name, flags, 0);
    if (*fd < 0 && make && is_missing(dir, name)) {
        if (io_mkdir(dir, name, 0700) && errno != EEXIST)
            return MAILDIR_TROUBLE;
        *fd = io_open(dir, name, flags, 0);
        if (*fd < 0 && errno == ENOENT)
            return MAILDIR_FOREIGN; // somebody plays with the name
    }
    if (*fd < 0) {
        return is_taken(dir, name) ? MAILDIR_FOREIGN : MAILDIR_TROUBLE;
    }
    if (io_stat(*fd, &st) == 0) {
        if (is_right(&st))
            return MAILDIR_OPEN;
        errno = EPERM;
    }
    io_close(*fd);
    *fd = -1;
    return errno == EPERM ? MAILDIR_FOREIGN : MAILDIR_TROUBLE;
}

// Makes the directories above the spool that are missing (~/.local/state and the like). Failure
// shows when the spool itself is made.
static void make_parents(const char *path)
{
    char part[4096];
    size_t n = strlen(path);
    if (n >= sizeof part)
        return;
    memcpy(part, path, n + 1);
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (io_mkdir(AT_FDCWD, part, 0700) && errno != EEXIST)
            return;
        *slash = '/';
    }
}

// The lock file is made last, when all above it is durable: who finds it need not sync again.
// So nobody's message is lost because somebody else made the directories a moment ago.
static enum maildir_answer settle_in(const struct maildir *m)
{
    struct stat st;
    if (io_stat_at(m->root, LOCK_NAME, &st) == 0)
        return MAILDIR_OPEN;
    if (io_syncfs(m->root))
        return MAILDIR_TROUBLE;
    io_close(io_open(m->root, LOCK_NAME, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0600));
    return MAILDIR_OPEN;
}

// Without tmp and new nothing can be queued; the other places may be missing (a full disk) and
// then count as empty.
static enum maildir_answer open_places(struct maildir *m, bool make)
{
    int failed;
    enum maildir_answer answer = open_dir(m->root, "tmp", make, &m->tmp);
    if (answer == MAILDIR_OPEN)
        answer = open_dir(m->root, place_names[MAILDIR_NEW], make, &m->place[MAILDIR_NEW]);
    if (answer != MAILDIR_OPEN)
        return answer;
    (void)open_dir(m->root, place_names[MAILDIR_CUR], make, &m->place[MAILDIR_CUR]);
    if (open_dir(m->root, ".failed", make, &failed) == MAILDIR_OPEN) {
        int tmp;
        (void)open_dir(failed, "tmp", make, &tmp);
        (void)open_dir(failed, "new", make, &m->place[MAILDIR_FAILED_NEW]);
        (void)open_dir(failed, "cur", make, &m->place[MAILDIR_FAILED_CUR]);
        io_close(tmp);
        io_close(failed);
    }
    return make ? settle_in(m) : MAILDIR_OPEN;
}

static enum maildir_answer open_root(struct maildir *m, const char *path, bool make)
{
    *m = (struct maildir)MAILDIR_CLOSED;
    enum maildir_answer answer = open_dir(AT_FDCWD, path, make, &m->root);
    if (answer == MAILDIR_TROUBLE && errno == ENOENT && make) {
        make_parents(path);
        answer = open_dir(AT_FDCWD, path, make, &m->root);
    }
    return answer;
}

enum maildir_answer maildir_open(struct maildir *m, const char *path, bool make)
{
    enum maildir_answer answer = open_root(m, path, make);
    return answer == MAILDIR_OPEN ? open_places(m, make) : answer;
}

enum maildir_answer maildir_open_in(struct maildir *m, int dir, const char *name)
{
    *m = (struct maildir)MAILDIR_CLOSED;
    enum maildir_answer answer = open_dir(dir, name, false, &m->root);
    return answer == MAILDIR_OPEN ? open_places(m, false) : answer;
}

// Whether somebody has made all of it already, so that nothing needs to be made or synced.
static bool is_settled(const struct maildir *m)
{
    static const char *const names[] = {LOCK_NAME, "cur", ".failed"};
    struct stat st;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (io_stat_at(m->root, names[i], &st))
            return false;
    return true;
}

enum maildir_answer maildir_open_to_add(struct maildir *m, const char *path)
{
    enum maildir_answer answer = open_root(m, path, true);
    if (answer != MAILDIR_OPEN)
        return answer;
    if (!is_settled(m))
        return open_places(m, true);
    answer = open_dir(m->root, "tmp", true, &m->tmp);
    if (answer == MAILDIR_OPEN)
        answer = open_dir(m->root, place_names[MAILDIR_NEW], true, &m->place[MAILDIR_NEW]);
    return answer;
}

void maildir_make_root(const char *path)
{
    if (geteuid() != 0 || io_mkdir(AT_FDCWD, path, 0700))
        return;
    int fd = io_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK, 0);
    if (fd >= 0)
        (void)!io_chmod(fd, 01733);
    io_close(fd);
}

void maildir_close(struct maildir *m)
{
    io_close(m->root);
    io_close(m->tmp);
    for (int i = 0; i < MAILDIR_PLACES; i++)
        io_close(m->place[i]);
    *m = (struct maildir)MAILDIR_CLOSED;
}
