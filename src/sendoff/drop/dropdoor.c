// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/drop/dropdoor.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/io.h"
#include "base/local.h"
#include "base/port.h"
#include "base/process.h"
#include "paths.h"
#include "spool/lock.h"

#define LOCK "drop.lock"

enum { DESCRIPTORS = 1024 }; // two for each guest, and some

static int complain(const char *what, int status, struct buf *why)
{
    buf_printf(why, "%s: %s", what, strerror(errno));
    return status;
}

// Opens a directory; one that is missing is made, for anybody to enter and for us to write.
static int open_dir(const char *path)
{
    static const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
    bool made = io_mkdir(AT_FDCWD, path, 0700) == 0;
    int fd = io_open(AT_FDCWD, path, flags, 0);
    if (fd >= 0 && made && io_chmod(fd, 0755)) {
        io_close(fd);
        return -1;
    }
    return fd;
}

// The directory of the socket. The one above it is missing in an installation of one's own.
static int open_dir_of(const char *path)
{
    char dir[PATH_MAX], above[PATH_MAX];
    snprintf(dir, sizeof dir, "%.*s", (int)(strrchr(path, '/') - path), path);
    snprintf(above, sizeof above, "%.*s", (int)(strrchr(dir, '/') - dir), dir);
    io_close(open_dir(above));
    return open_dir(dir);
}

// Whether a service manager listens there, which knows nothing of our lock.
static bool is_taken(const char *path)
{
    int fd = local_connect(path, 0);
    bool taken = fd >= 0 || errno == EAGAIN;
    io_close(fd);
    return taken;
}

static int make(struct dropdoor *d, const char *path, struct buf *why)
{
    int dir = open_dir_of(path);
    if (dir < 0)
        return complain(path, EX_CANTCREAT, why);
    d->lock = lock_take(dir, LOCK);
    io_close(dir);
    if (d->lock < 0 ? errno == EWOULDBLOCK : is_taken(path)) {
        buf_printf(why, "%s: somebody listens there already", path);
        return EX_TEMPFAIL;
    }
    if (d->lock >= 0)
        d->listener = local_listen(path);
    return d->listener < 0 ? complain(path, EX_CANTCREAT, why) : 0;
}

int dropdoor_open(struct dropdoor *d, int given, const char *path, struct buf *why)
{
    *d = (struct dropdoor){.listener = -1, .lock = -1};
    if (given < 1 || !local_is_listening(PROCESS_GIVEN))
        return make(d, path, why);
    d->listener = PROCESS_GIVEN;
    if (fcntl(d->listener, F_SETFL, O_NONBLOCK) == 0)
        return 0;
    return complain("the socket that was given", EX_OSERR, why);
}

void dropdoor_close(struct dropdoor *d)
{
    io_close(d->listener);
    io_close(d->lock);
    *d = (struct dropdoor){.listener = -1, .lock = -1};
}

static int become(const struct passwd *account, struct buf *why)
{
    if (setgroups(0, NULL) || setresgid(account->pw_gid, account->pw_gid, account->pw_gid) ||
        setresuid(account->pw_uid, account->pw_uid, account->pw_uid))
        return complain(ACCOUNT_DROP, EX_NOPERM, why);
    if (account->pw_uid && setresuid(0, 0, 0) == 0) {
        buf_puts(why, ACCOUNT_DROP ": root could be had back");
        return EX_NOPERM;
    }
    return 0;
}

// The limit, lowered to `most`, the soft and the hard one; a lower one stays as it is.
static const struct rlimit *lower(struct rlimit *l, rlim_t most)
{
    if (l->rlim_max > most)
        l->rlim_max = most;
    l->rlim_cur = l->rlim_max;
    return l;
}

int dropdoor_enter(struct buf *why)
{
    struct rlimit l;
    if (getrlimit(RLIMIT_NOFILE, &l) || setrlimit(RLIMIT_NOFILE, lower(&l, DESCRIPTORS)) ||
        getrlimit(RLIMIT_CORE, &l) || setrlimit(RLIMIT_CORE, lower(&l, 0)) ||
        port_forbid_privileges())
        return complain("limits", EX_OSERR, why);
    if (geteuid())
        return 0;
    errno = 0;
    const struct passwd *account = getpwnam(ACCOUNT_DROP);
    if (account && account->pw_uid)
        return become(account, why);
    buf_puts(why, ACCOUNT_DROP ": no such account: the drop does not run as root");
    return EX_CONFIG;
}

bool dropdoor_has_strangers(void)
{
    char text[64];
    uint64_t all[3] = {0};
    int fd = io_open(AT_FDCWD, "/proc/self/uid_map", O_RDONLY, 0);
    ssize_t got = fd < 0 ? -1 : io_read(fd, text, sizeof text);
    struct span rest = {text, got > 0 ? (size_t)got : 0}, word;
    io_close(fd);
    for (size_t i = 0; i < 3; i++) {
        rest = span_trim(rest);
        if (!span_word(&rest, &word) || !text_number(span_trim(word), UINT32_MAX, &all[i]))
            return true;
    }
    return all[0] || all[1] || all[2] != UINT32_MAX;
}
