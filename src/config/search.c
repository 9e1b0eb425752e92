// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "config/search.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "config/home.h"

void found_init(struct found *f)
{
    *f = (struct found){
        .fd = -1,
        .name = BUF_INIT(SEARCH_PATH_MAX),
        .really = BUF_INIT(SEARCH_PATH_MAX),
    };
}

void found_free(struct found *f)
{
    io_close(f->fd);
    f->fd = -1;
    buf_free(&f->name);
    buf_free(&f->really);
}

// One look at one place: where its lines go.
struct look {
    const char *name;
    struct buf *search, *ignored;
};

static void put_line(struct buf *out, const char *name, const char *what, const char *why)
{
    text_clean(out, span_of(name), SEARCH_PATH_MAX);
    buf_printf(out, ": %s%s\n", what, why);
}

static bool absent(const struct look *at)
{
    put_line(at->search, at->name, "not there", "");
    return false;
}

static bool ignored(const struct look *at, const char *why)
{
    put_line(at->search, at->name, "ignored: ", why);
    put_line(at->ignored, at->name, "ignored: ", why);
    return false;
}

static bool not_opened(const struct look *at)
{
    return errno == ENOENT || errno == ENOTDIR ? absent(at) : ignored(at, strerror(errno));
}

// Why others could have written what lies there, or NULL.
static const char *distrust(const struct stat *st)
{
    bool directory = S_ISDIR(st->st_mode);
    if (st->st_uid != 0 && st->st_uid != geteuid())
        return directory ? "its directory belongs to somebody else"
                         : "it belongs to somebody else";
    if (directory && (st->st_mode & S_ISVTX))
        return NULL;
    if (st->st_mode & S_IWOTH)
        return directory ? "others can write its directory" : "others can write it";
    if (st->st_mode & S_IWGRP)
        return directory ? "its group can write its directory" : "its group can write it";
    return NULL;
}

// The directory that holds `path`, opened and judged: *why is set as distrust() says.
static int open_directory(const char *path, const char **why)
{
    const char *slash = strrchr(path, '/');
    struct buf name = BUF_INIT(SEARCH_PATH_MAX);
    struct stat st;
    buf_put(&name, path, slash == path ? 1 : (size_t)(slash - path));
    int fd = io_open(AT_FDCWD, buf_str(&name), IO_PATH | O_DIRECTORY, 0);
    buf_free(&name);
    if (fd >= 0 && io_stat(fd, &st)) {
        io_close(fd);
        return -1;
    }
    if (fd >= 0)
        *why = distrust(&st);
    return fd;
}

static const char *unfit(const struct stat *st)
{
    if (S_ISDIR(st->st_mode))
        return "it is a directory";
    return S_ISREG(st->st_mode) ? distrust(st) : "it is no regular file";
}

enum opened { OPENED, IS_LINK, PASSED_OVER };

// Opens the last part of `path`. It is looked at first, since to open a device may set it going
// and a FIFO or a lease may make us wait; then what was really opened is asked again.
static enum opened open_file(struct found *f, const struct look *at, const char *path)
{
    enum opened answer = PASSED_OVER;
    const char *why = NULL, *last = strrchr(path, '/') + 1;
    int dir = open_directory(path, &why);
    if (dir < 0 || io_stat_at(dir, last, &f->st)) {
        not_opened(at);
        goto out;
    }
    if (!why && S_ISLNK(f->st.st_mode)) {
        answer = IS_LINK;
        goto out;
    }
    if (!why)
        why = unfit(&f->st);
    if (!why) {
        f->fd = io_open(dir, last, O_RDONLY | O_NONBLOCK | O_NOFOLLOW, 0);
        if (f->fd < 0 || io_stat(f->fd, &f->st)) {
            not_opened(at);
            goto out;
        }
        why = unfit(&f->st);
    }
    if (why)
        ignored(at, why);
    else
        answer = OPENED;
out:
    io_close(dir);
    return answer;
}

// The same by way of a link, whose directory was found good.
static bool open_target(struct found *f, const struct look *at)
{
    char target[PATH_MAX];
    if (io_resolve(at->name, target))
        return not_opened(at);
    buf_clear(&f->really);
    buf_puts(&f->really, target);
    switch (open_file(f, at, target)) {
    case OPENED: return true;
    case IS_LINK: return ignored(at, "the link changed meanwhile");
    case PASSED_OVER: break;
    }
    return false;
}

static bool open_place(struct found *f, const struct look *at)
{
    buf_clear(&f->name);
    buf_puts(&f->name, at->name);
    buf_clear(&f->really);
    buf_puts(&f->really, at->name);
    enum opened answer = open_file(f, at, at->name);
    if (answer == OPENED || (answer == IS_LINK && open_target(f, at)))
        return true;
    io_close(f->fd);
    f->fd = -1;
    return false;
}

bool search_path(struct found *f, const char *path, const char *system, struct buf *search,
                 struct buf *ignored_lines)
{
    struct look at = {path, search, ignored_lines};
    size_t n = strlen(path);
    if (path[0] != '/')
        return ignored(&at, "it is no absolute path");
    if (n > SEARCH_PATH_MAX || path[n - 1] == '/')
        return ignored(&at, "it is no file's name");
    if (!open_place(f, &at))
        return false;
    bool is_system = strcmp(path, system) == 0;
    f->mode = is_system ? CONFIG_SYSTEM : CONFIG_PERSONAL;
    put_line(search, path, "counts: ", is_system ? "system" : "personal");
    return true;
}

bool search_places(struct found *f, const char *system, struct buf *search,
                   struct buf *ignored_lines)
{
    const char *untrusted = home_distrust();
    const char *chosen = untrusted ? NULL : getenv("SENDOFF_CONFIG");
    if (untrusted)
        put_line(search, "environment", "ignored: ", untrusted);
    if (chosen && *chosen && search_path(f, chosen, system, search, ignored_lines))
        return true;

    struct buf own = BUF_INIT(SEARCH_PATH_MAX);
    bool found = false;
    if (home_place("XDG_CONFIG_HOME", ".config", &own)) {
        buf_puts(&own, "/sendoff/sendoff.conf");
        found = !own.over && search_path(f, buf_str(&own), system, search, ignored_lines);
    } else {
        put_line(search, "home",
                 "not looked at: ", geteuid() == 0 ? "the user is root" : "there is none");
    }
    buf_free(&own);
    return found || search_path(f, system, system, search, ignored_lines);
}

bool search_same(const struct found *f)
{
    struct stat now;
    int fd = io_open(AT_FDCWD, buf_str(&f->really), IO_PATH | O_NOFOLLOW, 0);
    bool same = fd >= 0 && io_stat(fd, &now) == 0 && now.st_dev == f->st.st_dev &&
                now.st_ino == f->st.st_ino && now.st_size == f->st.st_size &&
                now.st_mtim.tv_sec == f->st.st_mtim.tv_sec &&
                now.st_mtim.tv_nsec == f->st.st_mtim.tv_nsec &&
                now.st_ctim.tv_sec == f->st.st_ctim.tv_sec &&
                now.st_ctim.tv_nsec == f->st.st_ctim.tv_nsec;
    io_close(fd);
    return same;
}
