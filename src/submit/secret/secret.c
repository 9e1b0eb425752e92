// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/secret/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "submit/secret/program.h"
#include "submit/secret/vault.h"

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

bool secret_is_alone(struct span uid_map)
{
    struct span line, word;
    uint64_t count = 0, all = 0;
    size_t words = 0;
    while (span_cut(&uid_map, '\n', &line))
        for (words = 0; span_word(&line, &word); words++)
            if (words == 2 && text_number(word, UINT32_MAX, &count))
                all += count;
    return all == 1;
}

static bool is_alone(void)
{
    char map[512];
    int fd = io_open(AT_FDCWD, "/proc/self/uid_map", O_RDONLY, 0);
    ssize_t n = fd < 0 ? -1 : io_read(fd, map, sizeof map);
    io_close(fd);
    return n > 0 && secret_is_alone((struct span){map, (size_t)n});
}

// Why it is no fault that others can read that file, or NULL.
static const char *forgiven(const char *path)
{
    const char *credentials = secure_getenv("CREDENTIALS_DIRECTORY");
    if (secret_exempt(path, credentials ? credentials : ""))
        return "which is forgiven there";
    return is_alone() ? "which is forgiven where there is one uid only" : NULL;
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
        return "is longer than 64 KiB: this can not be a secret";
    if (s->n && s->octets[s->n - 1] == '\n')
        s->n--;
    if (s->n && s->octets[s->n - 1] == '\r')
        s->n--;
    if (!s->n)
        return "is empty";
    if (memchr(s->octets, '\0', s->n))
        return "holds a NUL octet: no secret can";
    return NULL;
}

bool secret_read(struct secret *s, const char *path, struct buf *why)
{
    bool fine = false;
    const char *problem;
    struct stat st;
    enum secret_fault fault;
    s->n = 0;
    s->exposed = NULL;
    // O_NONBLOCK: a FIFO under that name must not hold us up before it is judged.
    int fd = io_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK, 0);
    if (fd < 0 || io_stat(fd, &st)) {
        buf_printf(why, "secret: %s: can not be opened: %s", path, strerror(errno));
        goto out;
    }
    fault = secret_judge(&st, geteuid(), getegid(), false);
    if (fault == SECRET_READABLE && (s->exposed = forgiven(path)))
        fault = SECRET_FINE;
    if (fault != SECRET_FINE) {
        explain(why, path, fault);
        goto out;
    }
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

enum program_answer secret_ask(struct secret *s, const char *command, struct wait *w,
                               struct buf *why)
{
    struct program_output out = {.p = s->octets, .size = sizeof s->octets};
    struct span program, rest = span_of(command);
    s->exposed = NULL;
    if (span_word(&rest, &program))
        buf_printf(why, "secret: %.*s: ", SPAN_ARGS(program));
    enum program_answer answer = program_run(command, PROGRAM_MS, &out, w, why);
    if (answer == PROGRAM_DONE) {
        // Password stores print notes behind the password.
        const char *end = memchr(out.p, '\n', out.n);
        s->n = end ? (size_t)(end - out.p) : out.n;
        const char *problem = complete(s);
        if (!problem) {
            explicit_bzero(s->octets + s->n, sizeof s->octets - s->n);
            return PROGRAM_DONE;
        }
        buf_printf(why, "what it prints %s", problem);
        answer = PROGRAM_FAILED;
    }
    secret_wipe(s);
    return answer;
}

struct span secret_span(const struct secret *s)
{
    return (struct span){s->octets, s->n};
}

void secret_wipe(struct secret *s)
{
    explicit_bzero(s, sizeof *s);
}

struct secret *secret_new(void)
{
    return vault_new(sizeof(struct secret));
}

void secret_free(struct secret *s)
{
    vault_free(s, sizeof *s);
}
