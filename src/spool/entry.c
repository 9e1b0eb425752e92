// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "spool/entry.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"

enum {
    HEAD_FIRST = 4096, // octets that hold nearly every block
    LOCK_TRIES = 4,
    RENAME_TRIES = 8, // a mail reader may rename the file between our look and our call
};

// Reads the block: as much as it takes, and no more than a block may have.
static enum entry_answer read_block(struct entry *e)
{
    struct buf head = BUF_INIT(BLOCK_MAX);
    size_t want = HEAD_FIRST;
    enum entry_answer answer = ENTRY_BROKEN;
    for (;;) {
        char *room = buf_room(&head, want - head.n);
        ssize_t got = room ? io_pread(e->fd, room, want - head.n, (off_t)head.n) : 0;
        if (got < 0) {
            answer = ENTRY_TROUBLE;
            break;
        }
        if (got > 0)
            buf_grew(&head, (size_t)got);
        enum block_answer block = block_decode(&e->block, buf_span(&head));
        if (block == BLOCK_DONE)
            answer = ENTRY_OPEN;
        if (block == BLOCK_FOREIGN)
            answer = ENTRY_FOREIGN;
        if (block != BLOCK_MORE || got == 0)
            break;
        want = e->block.size > head.n ? (size_t)e->block.size : head.n + HEAD_FIRST;
    }
    buf_free(&head);
    return answer;
}

static enum entry_answer inspect(struct entry *e)
{
    struct stat st;
    if (io_stat(e->fd, &st))
        return ENTRY_TROUBLE;
    e->next = (int64_t)st.st_mtim.tv_sec * 1000000 + st.st_mtim.tv_nsec / 1000;
    if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
        return ENTRY_BROKEN;
    enum entry_answer answer = read_block(e);
    if (answer == ENTRY_OPEN && (uint64_t)st.st_size != e->block.size + e->block.octets)
        answer = ENTRY_BROKEN;
    return answer;
}

// What the user may not open because it is another's never was a message of his.
static bool is_foreign(int dir, const char *name)
{
    struct stat st;
    int kept = errno;
    bool foreign = io_stat_beneath(dir, name, &st) == 0 && st.st_uid != geteuid();
    errno = kept;
    return foreign;
}

enum entry_answer entry_open(struct entry *e, const struct maildir *m, enum maildir_place place,
                             const char *name, bool write)
{
    *e = (struct entry){.maildir = m, .place = place, .fd = -1, .reader = -1};
    block_init(&e->block);
    size_t n = strlen(name);
    if (n > MAILDIR_NAME_MAX)
        return ENTRY_BROKEN;
    memcpy(e->name, name, n + 1);
    e->fd = io_open_beneath(m->place[place], name, write ? O_RDWR : O_RDONLY, 0);
    if (e->fd >= 0)
        return inspect(e);
    if (errno == ENOENT)
        return ENTRY_GONE;
    if (errno == EWOULDBLOCK)
        return ENTRY_BUSY; // under a lease: come back later
    if (errno == EACCES && is_foreign(m->place[place], name))
        return ENTRY_BROKEN;
    return errno == ELOOP || errno == ENXIO || errno == EISDIR || errno == EXDEV
               ? ENTRY_BROKEN
               : ENTRY_TROUBLE;
}

void entry_close(struct entry *e)
{
    io_close(e->fd);
    io_close(e->reader);
    e->fd = e->reader = -1;
    block_free(&e->block);
}

struct span entry_id(const struct entry *e)
{
    return maildir_id(span_of(e->name));
}

static bool has_flag(const struct entry *e, char flag)
{
    struct span flags = maildir_flags(span_of(e->name));
    return flags.n && memchr(flags.p, flag, flags.n);
}

bool entry_is_held(const struct entry *e)
{
    return has_flag(e, 'H');
}

bool entry_is_cancelled(const struct entry *e)
{
    return has_flag(e, 'T');
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

// What a name leads to. In one's own spool nobody else can have mounted anything on it.
static int look_at(int dir, const char *name, struct stat *st)
{
    return geteuid() == getuid() ? io_stat_at(dir, name, st) : io_stat_beneath(dir, name, st);
}

// Makes sure that e->name is the name the file bears now, whatever a mail reader made of it.
// 0; -1 with ENOENT where it has none in the queue any more; -1 and another errno in trouble.
static int follow(struct entry *e)
{
    struct stat held, named;
    char name[MAILDIR_NAME_MAX + 1];
    enum maildir_place place;
    if (e->fd < 0) // could not be opened: its name is all there is of it
        return 0;
    if (io_stat(e->fd, &held))
        return -1;
    if (look_at(e->maildir->place[e->place], e->name, &named) == 0) {
        if (is_same_file(&held, &named))
            return 0;
    } else if (errno != ENOENT) {
        return -1;
    }
    if (held.st_nlink == 0 || !maildir_find(e->maildir, entry_id(e), &held, &place, name)) {
        errno = ENOENT;
        return -1;
    }
    e->place = place;
    memcpy(e->name, name, sizeof name);
    return 0;
}

static int put(struct entry *e, const struct block_patch *patch)
{
    e->dirty = true;
    return io_pwrite(e->fd, patch->text, patch->n, (off_t)patch->at);
}

int entry_write_state(struct entry *e)
{
    struct block_patch patch;
    block_patch_state(&e->block, &patch);
    return put(e, &patch);
}

static enum entry_answer open_reader(struct entry *e)
{
    struct stat ours, opened;
    for (int i = 0; i < RENAME_TRIES; i++) {
        if (i > 0 && follow(e)) // at first the name is taken for what it was
            return errno == ENOENT ? ENTRY_GONE : ENTRY_TROUBLE;
        e->reader = io_open_beneath(e->maildir->place[e->place], e->name, O_RDONLY, 0);
        if (e->reader >= 0 && io_stat(e->fd, &ours) == 0 && io_stat(e->reader, &opened) == 0 &&
            is_same_file(&ours, &opened))
            return ENTRY_OPEN;
        io_close(e->reader);
        e->reader = -1;
    }
    return ENTRY_BUSY; // somebody renames it all the time
}

// Who only asks whether it is locked (io_is_locked) is in the way for a moment.
static int lock_reader(const struct entry *e)
{
    static const struct timespec nap = {.tv_nsec = 1000 * 1000};
    int bad = io_lock(e->reader);
    for (int i = 1; i < LOCK_TRIES && bad && errno == EWOULDBLOCK; i++) {
        nanosleep(&nap, NULL);
        bad = io_lock(e->reader);
    }
    return bad;
}

enum entry_answer entry_lock(struct entry *e)
{
    enum entry_answer answer = open_reader(e);
    if (answer != ENTRY_OPEN)
        return answer;
    if (lock_reader(e))
        return errno == EWOULDBLOCK ? ENTRY_BUSY : ENTRY_TROUBLE;
    if (follow(e)) // and still there, now that nobody else may take it
        return errno == ENOENT ? ENTRY_GONE : ENTRY_TROUBLE;
    // Before the lock another flush may have marked recipients: what counts is read under it.
    block_free(&e->block);
    block_init(&e->block);
    return inspect(e);
}

enum entry_answer entry_claim(struct entry *e, const char *account)
{
    enum entry_answer answer = entry_lock(e);
    if (answer != ENTRY_OPEN)
        return answer;
    if (entry_is_held(e) || entry_is_cancelled(e))
        return ENTRY_GONE;
    if (e->block.attempts < BLOCK_ATTEMPTS_MAX)
        e->block.attempts++;
    strncpy(e->block.account, account, BLOCK_ACCOUNT_MAX);
    if (entry_write_state(e))
        return ENTRY_TROUBLE;
    if (envelope_count(&e->block.envelope) > 1 && entry_sync(e))
        return ENTRY_TROUBLE;
    return ENTRY_OPEN;
}

int entry_mark(struct entry *e, size_t recipient, const struct outcome *o)
{
    static const enum recipient_status becomes[] = {
        [VERDICT_DELIVERED] = RECIPIENT_DELIVERED,
        [VERDICT_DEFERRED] = RECIPIENT_WAITING,
        [VERDICT_FAILED] = RECIPIENT_FAILED,
    };
    struct recipient *r = envelope_recipient(&e->block.envelope, recipient);
    struct block_patch patch;
    r->status = becomes[o->verdict];
    r->code = o->code;
    memcpy(r->detail, o->status, sizeof r->detail);
    block_patch_recipient(r, &patch);
    return put(e, &patch);
}

int entry_mark_reported(struct entry *e, size_t recipient)
{
    struct recipient *r = envelope_recipient(&e->block.envelope, recipient);
    struct block_patch patch;
    r->status = RECIPIENT_REPORTED;
    block_patch_recipient(r, &patch);
    return put(e, &patch);
}

int entry_schedule(struct entry *e, int64_t next)
{
    e->next = next;
    e->dirty = true;
    return io_touch(e->fd, next);
}

static bool is_unlinked(const struct entry *e)
{
    struct stat st;
    return io_stat(e->fd, &st) == 0 && st.st_nlink == 0;
}

int entry_remove(struct entry *e)
{
    for (int i = 0; i < RENAME_TRIES; i++) {
        if (follow(e) == 0 && io_unlink(e->maildir->place[e->place], e->name) == 0) {
            e->touched |= 1U << e->place;
            e->dirty = false; // what was written to it went with it
            return 0;
        }
        if (errno != ENOENT)
            return -1;
        if (is_unlinked(e)) {
            e->dirty = false;
            return 0;
        }
    }
    return -1;
}

// Moves it to that place and name. A crash between link and unlink (io_rename) may have left it
// there already, under both names: then what was begun is ended.
static int move_to(struct entry *e, enum maildir_place to, const char *name)
{
    struct stat held, there;
    const struct maildir *m = e->maildir;
    if (e->place == to && strcmp(e->name, name) == 0)
        return 0;
    if (maildir_move(m, e->place, e->name, to, name)) {
        if (errno != EEXIST)
            return -1;
        if (e->fd < 0 || io_stat(e->fd, &held) || io_stat_beneath(m->place[to], name, &there) ||
            !is_same_file(&held, &there)) {
            errno = EEXIST;
            return -1;
        }
        if (io_unlink(m->place[e->place], e->name))
            return -1;
    }
    e->touched |= 1U << e->place | 1U << to;
    e->place = to;
    memcpy(e->name, name, strlen(name) + 1);
    return 0;
}

// Renames it to what `name_of` makes of its name, following it where a mail reader renames it
// at the same time.
static int rename_to(struct entry *e, enum maildir_place to,
                     void (*name_of)(struct buf *out, struct span base, struct span flags))
{
    for (int i = 0; i < RENAME_TRIES; i++) {
        struct buf name = BUF_INIT(MAILDIR_NAME_MAX);
        int bad = follow(e);
        if (!bad) {
            struct span rest = span_of(e->name), base, flags = maildir_flags(rest);
            span_cut(&rest, ':', &base);
            name_of(&name, base, flags);
            errno = ENAMETOOLONG;
            bad = name.over || move_to(e, to, buf_str(&name));
        }
        int error = errno;
        buf_free(&name);
        if (!bad)
            return 0;
        errno = error;
        if (error != ENOENT || e->fd < 0 || is_unlinked(e))
            return -1;
    }
    return -1;
}

static void put_base(struct buf *out, struct span base, struct span flags)
{
    (void)flags;
    buf_put_span(out, base);
}

// With the flag H and all others, in the order that maildir(5) asks for.
static void put_held(struct buf *out, struct span base, struct span flags)
{
    size_t before = 0;
    while (before < flags.n && flags.p[before] < 'H')
        before++;
    bool held = before < flags.n && flags.p[before] == 'H';
    buf_put_span(out, base);
    buf_printf(out, ":2,%.*s%s%.*s", (int)before, flags.p, held ? "" : "H",
               (int)(flags.n - before), flags.p + before);
}

static void put_released(struct buf *out, struct span base, struct span flags)
{
    buf_put_span(out, base);
    buf_puts(out, ":2,");
    for (size_t i = 0; i < flags.n; i++)
        if (flags.p[i] != 'H')
            buf_putc(out, flags.p[i]);
}

int entry_fail(struct entry *e)
{
    return rename_to(e, MAILDIR_FAILED_NEW, put_base);
}

int entry_hold(struct entry *e)
{
    return rename_to(e, MAILDIR_CUR, put_held);
}

int entry_release(struct entry *e)
{
    return rename_to(e, MAILDIR_CUR, put_released);
}

int entry_requeue(struct entry *e)
{
    return rename_to(e, MAILDIR_NEW, put_base);
}

int entry_sync(struct entry *e)
{
    if (!e->dirty)
        return 0;
    if (io_sync(e->fd))
        return -1;
    e->dirty = false;
    return 0;
}
