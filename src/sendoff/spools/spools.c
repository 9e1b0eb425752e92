// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/spools/spools.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "paths.h"

enum {
    STORE_MAX = 1 << 30, // octets; more places than a host has users
    STRANGE_MAX = 128,   // octets of uids that passwd does not know
};

static struct place *add(struct spools *s, const struct identity *owner)
{
    struct place p = {.path = BUF_INIT(PATH_MAX), .owner = *owner, .above = -1};
    size_t before = s->store.n;
    buf_put(&s->store, &p, sizeof p);
    s->place = (struct place *)(void *)s->store.p;
    return s->store.n > before ? &s->place[s->n++] : NULL;
}

void spools_add(struct spools *s, const char *path, const struct identity *owner)
{
    if (!s->store.max)
        *s = (struct spools){.root = -1, .store = BUF_INIT(STORE_MAX)};
    struct place *p = add(s, owner);
    if (p)
        buf_puts(&p->path, path);
}

// A number in the one way that uids are written in.
static bool is_uid(const char *name, uid_t *uid)
{
    uint64_t n;
    if ((name[0] == '0' && name[1]) || !text_number(span_of(name), UINT32_MAX - 1, &n))
        return false;
    *uid = (uid_t)n;
    return true;
}

struct walk {
    bool (*see)(void *with, const char *name, uid_t uid);
    void *with;
};

static bool see_name(void *with, const char *name)
{
    const struct walk *w = with;
    uid_t uid;
    return !is_uid(name, &uid) || w->see(w->with, name, uid);
}

int spools_walk(int dir, bool (*see)(void *with, const char *name, uid_t uid), void *with)
{
    struct walk w = {see, with};
    return io_walk(dir, ".", see_name, &w);
}

struct finding {
    struct spools *spools;
    const char *root;
    uid_t drop;
    bool has_drop;
};

// A directory that is not that uid's own is no spool; root's pass mends it (ousted.h).
static bool find_one(void *with, const char *name, uid_t uid)
{
    struct finding *f = with;
    struct stat st;
    if (uid == geteuid() || io_stat_beneath(f->spools->root, name, &st) ||
        !S_ISDIR(st.st_mode) || st.st_uid != uid)
        return true;
    const struct passwd *user = getpwuid(uid);
    if (!user) {
        f->spools->strangers++;
        buf_printf(&f->spools->strange, "%s%s", f->spools->strange.n ? ", " : "", name);
        return true;
    }
    struct identity owner = {uid, user->pw_gid};
    struct place *p = add(f->spools, &owner);
    if (!p)
        return false;
    buf_printf(&p->path, "%s/%s", f->root, name);
    p->above = f->spools->root;
    p->drop = f->has_drop && uid == f->drop;
    return true;
}

static int by_uid(const void *a, const void *b)
{
    const struct place *one = a, *other = b;
    return (one->owner.uid > other->owner.uid) - (one->owner.uid < other->owner.uid);
}

static void find_all(struct spools *s, const char *root)
{
    struct finding f = {.spools = s, .root = root};
    size_t own = s->n;
    s->root = io_open(AT_FDCWD, root, O_RDONLY | O_DIRECTORY, 0);
    if (s->root < 0)
        return;
    const struct passwd *drop = getpwnam(ACCOUNT_DROP);
    f.has_drop = drop && drop->pw_uid != 0;
    f.drop = drop ? drop->pw_uid : 0;
    // Where the listing breaks off, those that were found are served; the next pass looks
    // again.
    if (spools_walk(s->root, find_one, &f))
        errno = 0;
    qsort(s->place + own, s->n - own, sizeof *s->place, by_uid);
}

void spools_find(struct spools *s, const struct config *config)
{
    struct identity self = {geteuid(), getegid()};
    struct buf path = BUF_INIT(PATH_MAX);
    *s = (struct spools){
        .root = -1, .store = BUF_INIT(STORE_MAX), .strange = BUF_INIT(STRANGE_MAX)};
    if (config_spool(config, &path))
        spools_add(s, buf_str(&path), &self);
    buf_clear(&path);
    if (config_other_spool(config, &path))
        spools_add(s, buf_str(&path), &self);
    buf_clear(&path);
    if (config_spool_root(config, &path) && identity_may_change())
        find_all(s, buf_str(&path));
    buf_free(&path);
}

void spools_free(struct spools *s)
{
    for (size_t i = 0; i < s->n; i++)
        buf_free(&s->place[i].path);
    buf_free(&s->store);
    buf_free(&s->strange);
    io_close(s->root);
    *s = (struct spools){.root = -1};
}

enum maildir_answer spools_open(const struct place *p, struct maildir *m)
{
    const char *path = buf_str(&p->path), *slash = strrchr(path, '/');
    *m = (struct maildir)MAILDIR_CLOSED;
    if (identity_enter(&p->owner))
        return MAILDIR_TROUBLE;
    enum maildir_answer answer = p->above < 0 ? maildir_open(m, path, false)
                                              : maildir_open_in(m, p->above, slash + 1);
    identity_leave();
    return answer;
}
