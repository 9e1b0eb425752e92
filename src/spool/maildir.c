// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "spool/maildir.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"

// Room for more names than a spool will ever hold.
enum { NAMES_MAX = 512 * 1024 * 1024 };

int maildir_make_id(char id[MAILDIR_ID + 1])
{
    // 13 digits of microseconds order the ids by time until 2112; 20 random bits part those
    // that are made in the same microsecond.
    uint32_t random;
    if (io_random(&random, sizeof random))
        return -1;
    snprintf(id, MAILDIR_ID + 1, "%013" PRIX64 "%05" PRIX32,
             (uint64_t)clock_wall() & 0xfffffffffffff, random & 0xfffff);
    return 0;
}

void maildir_discard(const struct maildir *m, const char *id)
{
    int kept = errno;
    io_unlink(m->tmp, id);
    errno = kept;
}

int maildir_create(const struct maildir *m, const char *id)
{
    int fd = io_open(m->tmp, id, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -1;
    // A file system without locks loses only the guard against a sweep 36 hours from now.
    if (io_lock(fd) && errno == EWOULDBLOCK) {
        maildir_discard(m, id);
        io_close(fd);
        return -1;
    }
    return fd;
}

int maildir_publish(const struct maildir *m, const char *id)
{
    int into = m->place[MAILDIR_NEW];
    if (io_rename(m->tmp, id, into, id)) {
        maildir_discard(m, id);
        return -1;
    }
    if (io_sync(into) == 0)
        return 0;
    int kept = errno;
    if (io_unlink(into, id) && errno == ENOENT)
        return 0; // a flush has taken it on: it is the smarthost's, or its removal is recorded
    errno = kept;
    return -1;
}

int maildir_move(const struct maildir *m, enum maildir_place from, const char *name,
                 enum maildir_place to, const char *new_name)
{
    return io_rename(m->place[from], name, m->place[to], new_name);
}

static bool is_name_char(char c)
{
    return text_is_alnum(c) || c == '.' || c == '_' || c == '=' || c == '+' || c == '-';
}

bool maildir_is_message(struct span name)
{
    struct span rest = name, base;
    if (name.n == 0 || name.n > MAILDIR_NAME_MAX || name.p[0] == '.')
        return false;
    span_cut(&rest, ':', &base);
    if (base.n == 0 || base.n > 128)
        return false;
    for (size_t i = 0; i < base.n; i++)
        if (!is_name_char(base.p[i]))
            return false;
    if (!rest.p)
        return true;
    if (rest.n < 2 || rest.p[0] != '2' || rest.p[1] != ',')
        return false;
    for (size_t i = 2; i < rest.n; i++)
        if (!text_is_alpha(rest.p[i]))
            return false;
    return true;
}

struct span maildir_id(struct span name)
{
    size_t n = 0;
    while (n < name.n && name.p[n] != '.' && name.p[n] != ':')
        n++;
    return (struct span){name.p, n};
}

struct span maildir_flags(struct span name)
{
    struct span rest = name, base;
    span_cut(&rest, ':', &base);
    return rest.p && rest.n > 2 ? (struct span){rest.p + 2, rest.n - 2} : (struct span){"", 0};
}

struct enumeration {
    struct buf *names;
    size_t count, most;
    size_t strays;
};

static bool list_one(void *with, const char *name)
{
    struct enumeration *l = with;
    if (l->count == l->most)
        return false;
    if (!maildir_is_message(span_of(name)))
        return ++l->strays < MAILDIR_STRAY_MOST;
    buf_put(l->names, name, strlen(name) + 1);
    l->count++;
    return !l->names->over;
}

ssize_t maildir_list(const struct maildir *m, enum maildir_place place, size_t most,
                     struct buf *names)
{
    struct enumeration l = {.names = names, .most = most};
    names->max = NAMES_MAX;
    if (m->place[place] < 0)
        return 0;
    return io_walk(m->place[place], ".", list_one, &l) ? -1 : (ssize_t)l.count;
}

struct search {
    struct span id;
    const struct stat *file;
    int dir;
    char *name;
    bool found;
};

static bool search_one(void *with, const char *name)
{
    struct search *s = with;
    struct stat st;
    if (!maildir_is_message(span_of(name)) || !span_equal(maildir_id(span_of(name)), s->id) ||
        io_stat_beneath(s->dir, name, &st) || st.st_dev != s->file->st_dev ||
        st.st_ino != s->file->st_ino)
        return true;
    memcpy(s->name, name, strlen(name) + 1);
    s->found = true;
    return false;
}

bool maildir_find(const struct maildir *m, struct span id, const struct stat *file,
                  enum maildir_place *place, char name[MAILDIR_NAME_MAX + 1])
{
    static const enum maildir_place where[] = {MAILDIR_NEW, MAILDIR_CUR};
    struct search s = {.id = id, .file = file, .name = name};
    for (size_t i = 0; i < 2 && !s.found; i++) {
        *place = where[i];
        s.dir = m->place[where[i]];
        if (s.dir >= 0 && io_walk(s.dir, ".", search_one, &s))
            return false;
    }
    return s.found;
}

struct sweeping {
    const struct maildir *m;
    int64_t now;
    unsigned seen, searched;
};

// A second name of a message that has been published: what a crash between link and unlink
// leaves.
static bool is_second_name(struct sweeping *s, const char *name, const struct stat *st)
{
    enum maildir_place place;
    char found[MAILDIR_NAME_MAX + 1];
    return st->st_nlink > 1 && s->searched++ < MAILDIR_SEARCH_MOST &&
           maildir_find(s->m, maildir_id(span_of(name)), st, &place, found);
}

static bool sweep_one(void *with, const char *name)
{
    struct sweeping *s = with;
    struct stat st;
    if (s->seen++ == MAILDIR_SWEEP_MOST)
        return false;
    if (!maildir_is_message(span_of(name)) || io_stat_beneath(s->m->tmp, name, &st) ||
        !S_ISREG(st.st_mode))
        return true;
    if (is_second_name(s, name, &st)) {
        io_unlink(s->m->tmp, name);
        return true;
    }
    if (st.st_mtime > s->now - MAILDIR_LITTER_AGE)
        return true;
    int fd = io_open_beneath(s->m->tmp, name, O_RDWR, 0);
    if (fd >= 0 && io_lock(fd) == 0)
        io_unlink(s->m->tmp, name);
    io_close(fd);
    return true;
}

void maildir_sweep(const struct maildir *m, int64_t now)
{
    struct sweeping s = {.m = m, .now = now};
    // Litter that stays costs space and nothing else, so trouble here is not reported.
    if (io_walk(m->tmp, ".", sweep_one, &s))
        errno = 0;
}
