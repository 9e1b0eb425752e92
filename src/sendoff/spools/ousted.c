// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/spools/ousted.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/io.h"
#include "sendoff/spools/spools.h"

enum { DIRECTORY = O_RDONLY | O_DIRECTORY };

struct mending {
    const char *path; // of the root
    int root;
    int kept; // where what comes out goes; -1: not opened yet
};

static void complain(const struct mending *m, const char *name)
{
    diag_log(LOG_ERR, "%s/%s: can not be mended: %s", m->path, name, strerror(errno));
}

// A directory that we made and have not opened to anybody yet.
static bool is_closed(const struct stat *st)
{
    return S_ISDIR(st->st_mode) && st->st_uid == geteuid() && (st->st_mode & 0777) == 0;
}

static bool is_own(const struct stat *st, uid_t uid)
{
    return S_ISDIR(st->st_mode) && st->st_uid == uid && !is_closed(st);
}

// Out of the way, to a name of its own in the directory where only root comes.
static int put_aside(const struct mending *m, int from, const char *name)
{
    struct buf aside = BUF_INIT(NAME_MAX);
    char id[MAILDIR_ID + 1];
    int bad = maildir_make_id(id);
    if (!bad) {
        buf_printf(&aside, "%s.%s", name[0] == '.' ? "name" : name, id);
        bad = io_rename(from, name, m->kept, buf_str(&aside));
    }
    if (!bad)
        diag_log(LOG_WARNING, "%s/%s: not its user's own directory; it lies in %s/%s/%s now",
                 m->path, name, m->path, OUSTED_NAME, buf_str(&aside));
    buf_free(&aside);
    return bad;
}

// Somebody was here first: the same exchange, under a name that he did not know.
static int oust_from_our_name(struct mending *m)
{
    struct buf name = BUF_INIT(NAME_MAX);
    char id[MAILDIR_ID + 1];
    int bad = maildir_make_id(id);
    if (!bad) {
        buf_printf(&name, "%s.%s", OUSTED_NAME, id);
        bad = io_mkdir(m->root, buf_str(&name), 0700) ||
              io_exchange(m->root, buf_str(&name), m->root, OUSTED_NAME);
    }
    if (!bad) {
        m->kept = io_open_beneath(m->root, OUSTED_NAME, DIRECTORY, 0);
        bad = m->kept < 0 || put_aside(m, m->root, buf_str(&name));
    }
    buf_free(&name);
    return bad;
}

static int open_kept(struct mending *m)
{
    struct stat st;
    if (io_mkdir(m->root, OUSTED_NAME, 0700) && errno != EEXIST)
        return -1;
    m->kept = io_open_beneath(m->root, OUSTED_NAME, DIRECTORY, 0);
    if (m->kept >= 0 && io_stat(m->kept, &st) == 0 && st.st_uid == geteuid())
        return (st.st_mode & 07777) == 0700 ? 0 : io_chmod(m->kept, 0700);
    io_close(m->kept);
    m->kept = -1;
    return oust_from_our_name(m);
}

// Nobody but root can take it away or rename it while it is root's, as the directory is sticky.
static int hand_over(const struct mending *m, const char *name, const struct identity *owner)
{
    struct stat st;
    int fd = io_open_beneath(m->root, name, DIRECTORY, 0);
    int bad = fd < 0 || io_stat(fd, &st);
    if (!bad && !is_closed(&st)) {
        errno = EPERM;
        bad = -1;
    }
    if (!bad)
        bad = io_chmod(fd, 0700) || io_chown(fd, owner->uid, owner->gid) || io_sync(fd) ||
              io_sync(m->root);
    io_close(fd);
    return bad ? -1 : 0;
}

// Leaves under `name` a closed directory in the root, and what was there beside it in `kept`.
// A crash at any point leaves what the next pass goes on with.
static int change_places(const struct mending *m, const char *name)
{
    struct stat there, beside;
    if (io_stat_beneath(m->root, name, &there))
        return -1;
    if (is_closed(&there) && io_stat_beneath(m->kept, name, &beside) == 0)
        return 0;
    if (io_mkdir(m->kept, name, 0) &&
        (errno != EEXIST || io_stat_beneath(m->kept, name, &beside)))
        return -1;
    if (io_stat_beneath(m->kept, name, &beside))
        return -1;
    if (!is_closed(&beside) && (put_aside(m, m->kept, name) || io_mkdir(m->kept, name, 0)))
        return -1;
    return io_exchange(m->kept, name, m->root, name);
}

static int replace(struct mending *m, const char *name, const struct identity *owner)
{
    struct stat out;
    if (m->kept < 0 && open_kept(m))
        return -1;
    if (change_places(m, name) || io_stat_beneath(m->kept, name, &out))
        return -1;
    // The owner was faster: whatever he has begun in it goes on undisturbed.
    if (is_own(&out, owner->uid))
        return io_exchange(m->kept, name, m->root, name);
    if (hand_over(m, name, owner) || put_aside(m, m->kept, name))
        return -1;
    return io_sync(m->kept);
}

// Only his own files can lie there, so he may have it as it should be.
static int mend_mode(const struct mending *m, const char *name, const struct identity *owner)
{
    struct stat st;
    int fd = io_open_beneath(m->root, name, DIRECTORY, 0);
    int bad = fd < 0 || io_stat(fd, &st);
    if (!bad && is_own(&st, owner->uid) && !(bad = identity_enter(owner))) {
        bad = io_chmod(fd, 0700);
        identity_leave();
        diag_log(LOG_WARNING, "%s/%s: had mode %04o", m->path, name,
                 (unsigned)(st.st_mode & 07777));
    }
    io_close(fd);
    return bad ? -1 : 0;
}

static bool mend_one(void *with, const char *name, uid_t uid)
{
    struct mending *m = with;
    struct stat st;
    if (io_stat_beneath(m->root, name, &st)) {
        if (errno != ENOENT) // a mount on it, which only root can take away
            complain(m, name);
        return true;
    }
    bool own = is_own(&st, uid);
    if (own && (st.st_mode & 07777) == 0700)
        return true;
    const struct passwd *user = getpwuid(uid);
    if (!user)
        return true;
    struct identity owner = {uid, user->pw_gid};
    if (own ? mend_mode(m, name, &owner) : replace(m, name, &owner))
        complain(m, name);
    return true;
}

// Without the sticky bit everybody can take everything away at any time.
static bool can_be_mended(const struct mending *m)
{
    struct stat st;
    return m->root >= 0 && io_stat(m->root, &st) == 0 && st.st_uid == geteuid() &&
           ((st.st_mode & S_ISVTX) || !(st.st_mode & 022));
}

void ousted_mend(const struct config *config)
{
    struct buf path = BUF_INIT(PATH_MAX);
    if (config_spool_root(config, &path) && identity_may_change()) {
        struct mending m = {.path = buf_str(&path), .kept = -1};
        m.root = io_open(AT_FDCWD, m.path, DIRECTORY, 0);
        if (!can_be_mended(&m))
            diag_log(LOG_ERR, "%s: not root's own sticky directory: see sendoff check", m.path);
        else if (spools_walk(m.root, mend_one, &m))
            diag_log(LOG_ERR, "%s: %s", m.path, strerror(errno));
        io_close(m.kept);
        io_close(m.root);
    }
    buf_free(&path);
}
