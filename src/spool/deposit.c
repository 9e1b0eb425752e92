// SPDX-License-Identifier: ISC
#include "spool/deposit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "message/lines.h"

enum {
    DEPOSIT_PUSH = 8 << 20, // octets of a large message that the disk gets while more are read
    DEPOSIT_TRIED = 65536,  // octets of a message that is only tried
};

int deposit_name(struct deposit *d, const struct maildir *m)
{
    *d = (struct deposit){.maildir = m, .fd = -1};
    if (maildir_make_id(d->id))
        return -1;
    memcpy(d->name, d->id, sizeof d->id);
    return 0;
}

void deposit_tag(struct deposit *d, const char *tag)
{
    snprintf(d->name, sizeof d->name, "%s.%s", d->id, tag);
}

int deposit_begin(struct deposit *d)
{
    d->fd = maildir_create(d->maildir, d->name);
    d->begun = d->fd >= 0;
    return d->begun ? 0 : -1;
}

int deposit_write(struct deposit *d, struct span text)
{
    if (io_write(d->fd, text.p, text.n))
        return -1;
    d->written += text.n;
    if (d->written - d->pushed >= DEPOSIT_PUSH) {
        io_write_back(d->fd, (off_t)d->pushed, (off_t)(d->written - d->pushed));
        d->pushed = d->written;
    }
    return 0;
}

int deposit_patch(struct deposit *d, const struct block_patch *patch)
{
    return io_pwrite(d->fd, patch->text, patch->n, (off_t)patch->at);
}

int deposit_seal(struct deposit *d)
{
    if (io_sync(d->fd))
        return -1;
    int fd = d->fd;
    d->fd = -1;
    return io_close_checked(fd);
}

int deposit_publish(struct deposit *d)
{
    if (maildir_publish(d->maildir, d->name))
        return -1;
    d->begun = false;
    return 0;
}

void deposit_abandon(struct deposit *d)
{
    io_close(d->fd);
    d->fd = -1;
    if (d->begun)
        maildir_discard(d->maildir, d->name);
    d->begun = false;
}

static int write_all(struct deposit *d, struct span block, struct span text)
{
    if (deposit_begin(d) || deposit_write(d, block) || deposit_write(d, text))
        return -1;
    return deposit_seal(d) || deposit_publish(d) ? -1 : 0;
}

int deposit_message(const struct maildir *m, struct block *b, struct span text,
                    char id[MAILDIR_ID + 1])
{
    struct deposit d;
    struct buf block = BUF_INIT(BLOCK_MAX);
    struct lines_figures figures = {0};
    int bad = deposit_name(&d, m);
    lines_count(&figures, text);
    b->octets = figures.octets;
    b->lines = figures.lines;
    b->longest = figures.longest;
    b->eightbit = figures.eightbit;
    b->nul = figures.nul;
    if (!bad && !block_encode(&block, b)) {
        errno = E2BIG;
        bad = -1;
    }
    if (!bad)
        bad = write_all(&d, buf_span(&block), text);
    int error = errno;
    deposit_abandon(&d);
    buf_free(&block);
    memcpy(id, d.id, sizeof d.id);
    errno = error;
    return bad;
}

int deposit_try(const struct maildir *m)
{
    static const char zeros[DEPOSIT_TRIED];
    struct deposit d = {.fd = -1};
    int bad = deposit_name(&d, m);
    if (!bad)
        bad = deposit_begin(&d);
    if (!bad)
        bad = deposit_write(&d, (struct span){zeros, sizeof zeros});
    if (!bad)
        bad = deposit_seal(&d);
    int error = errno;
    deposit_abandon(&d);
    errno = error;
    return bad;
}
