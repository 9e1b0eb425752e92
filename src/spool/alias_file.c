// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "spool/alias_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/io.h"
#include "config/options.h"

enum { PIECE = 65536 };

// NULL, or why the opened file is not one to read.
static const char *judge(int fd)
{
    struct stat st;
    if (io_stat(fd, &st))
        return strerror(errno);
    if (!S_ISREG(st.st_mode))
        return "not a regular file";
    if (st.st_mode & S_IWOTH)
        return "everybody can write it";
    return NULL;
}

static const char *read_text(int fd, struct buf *text)
{
    for (;;) {
        size_t left = text->max - text->n;
        char *room = left ? buf_room(text, left < PIECE ? left : PIECE) : NULL;
        if (!room)
            return "too large";
        ssize_t got = io_read(fd, room, left < PIECE ? left : PIECE);
        if (got < 0)
            return strerror(errno);
        if (got == 0)
            return NULL;
        buf_grew(text, (size_t)got);
    }
}

static bool is_standard(const char *path)
{
    const struct option *o = option_find(OPTION_SENDOFF, SPAN("aliases"));
    return o && o->standard && strcmp(path, o->standard) == 0;
}

enum alias_file_answer alias_file_read(struct alias_file *f, const char *path, struct buf *why)
{
    *f = (struct alias_file){.text = BUF_INIT(ALIASES_TEXT_MAX)};
    int fd = io_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK, 0);
    bool absent = fd < 0 && errno == ENOENT && is_standard(path);
    const char *reason = fd < 0 ? strerror(errno) : judge(fd);
    if (!reason)
        reason = read_text(fd, &f->text);
    if (reason)
        buf_clear(&f->text);
    io_close(fd);
    aliases_init(&f->aliases, buf_span(&f->text));
    if (!reason)
        return ALIAS_FILE_READ;
    if (absent)
        return ALIAS_FILE_ABSENT;
    buf_printf(why, "%s: %s", path, reason);
    return ALIAS_FILE_BAD;
}

void alias_file_free(struct alias_file *f)
{
    aliases_free(&f->aliases);
    buf_free(&f->text);
}
