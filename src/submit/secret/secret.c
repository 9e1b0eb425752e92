// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/secret/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"

enum secret_fault secret_judge(const struct stat *st, uid_t uid, gid_t gid, bool exempt)
{
    mode_t strange = st->st_mode & S_IRWXO;
    if (st->st_gid != 0 && st->st_gid != gid)
        strange |= st->st_mode & S_IRWXG;
    if (!S_ISREG(st->st_mode))
        return SECRET_NO_FILE;
    if (st->st_uid != 0 && st->st_uid != uid)
        return SECRET_STRANGER;
    if (strange & (S_IWGRP | S_IWOTH))
        return SECRET_WRITABLE;
    if (strange && !exempt)
        return SECRET_READABLE;
    return SECRET_FINE;
}

static bool lies_under(struct span path, struct span place)
{
    while (place.n && place.p[place.n - 1] == '/')
        place.n--;
    return place.n && path.n > place.n && !memcmp(path.p, place.p, place.n) &&
           path.p[place.n] == '/';
}

bool secret_exempt(const char *path, const char *credentials)
{
    struct span whole = span_of(path), rest = whole, part;
    while (span_cut(&rest, '/', &part))
        if (span_equal(part, SPAN("..")))
            return false;
    return lies_under(whole, SPAN("/run/secrets")) ||
           (credentials[0] == '/' && lies_under(whole, span_of(credentials)));
}

static void explain(struct buf *why, const char *path, enum secret_fault fault)
{
    static const char *const texts[] = {
        [SECRET_NO_FILE] = "is not a regular file",
        [SECRET_STRANGER] = "belongs to somebody else: chown it to yourself or root",
        [SECRET_WRITABLE] = "can be changed by others: chmod 600",
        [SECRET_READABLE] = "can be read by others: chmod 600",
    };
    buf_printf(why, "secret: %s: %s", path, texts[fault]);
}

// Reads up to SECRET_MAX + 1 octets.
static bool take_in(struct secret *s, int fd)
{
    while (s->n < sizeof s->octets) {
        ssize_t got = io_read(fd, s->octets + s->n, sizeof s->octets - s->n);
        if (got < 0)
            return false;
        if (got == 0)
            break;
        s->n += (size_t)got;
    }
    return true;
}

static const char *complete(struct secret *s)
{
    if (s->n > SECRET_MAX)
        return "is longer than 64 KiB: this can not be a password";
    if (s->n && s->octets[s->n - 1] == '\n')
        s->n--;
    if (s->n && s->octets[s->n - 1] == '\r')
        s->n--;
    if (!s->n)
        return "is empty: put the password into it";
    if (memchr(s->octets, '\0', s->n))
        return "holds a NUL octet: no password can";
    return NULL;
}

bool secret_read(struct secret *s, const char *path, struct buf *why)
{
    bool fine = false;
    const char *problem;
    const char *credentials = secure_getenv("CREDENTIALS_DIRECTORY");
    struct stat st;
    enum secret_fault fault;
    s->n = 0;
    s->exposed = false;
    // O_NONBLOCK: a FIFO under that name must not hold us up before it is judged.
    int fd = io_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK, 0);
    if (fd < 0 || io_stat(fd, &st)) {
        buf_printf(why, "secret: %s: can not be opened: %s", path, strerror(errno));
        goto out;
    }
    fault = secret_judge(&st, geteuid(), getegid(),
                         secret_exempt(path, credentials ? credentials : ""));
    if (fault != SECRET_FINE) {
        explain(why, path, fault);
        goto out;
    }
    s->exposed = secret_judge(&st, geteuid(), getegid(), false) != SECRET_FINE;
    if (!take_in(s, fd)) {
        buf_printf(why, "secret: %s: can not be read: %s", path, strerror(errno));
        goto out;
    }
    problem = complete(s);
    if (problem)
        buf_printf(why, "secret: %s: %s", path, problem);
    fine = !problem;
out:
    io_close(fd);
    if (!fine)
        secret_wipe(s);
    return fine;
}

struct span secret_span(const struct secret *s)
{
    return (struct span){s->octets, s->n};
}

void secret_wipe(struct secret *s)
{
    explicit_bzero(s, sizeof *s);
}
