// SPDX-License-Identifier: ISC
#include "submit/mail/source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"

void source_init(struct source *s)
{
    *s = (struct source){.head = BUF_INIT(CONVERT_HEADER_MAX), .fd = -1};
}

void source_free(struct source *s)
{
    buf_free(&s->head);
}

static bool complain(struct source *s, const char *why)
{
    snprintf(s->why, sizeof s->why, "message file: %s", why);
    return false;
}

// The file is as long as the message's block says.
static bool is_sound(struct source *s)
{
    struct stat st;
    if (io_stat(s->fd, &st))
        return complain(s, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return complain(s, "not a regular file");
    if ((uint64_t)st.st_size < s->end)
        return complain(s, "shorter than it was when it was queued");
    if ((uint64_t)st.st_size > s->end)
        return complain(s, "longer than it was when it was queued");
    return true;
}

// Reads until the buffer is full or the message is over.
static bool fill(struct source *s)
{
    memmove(s->room, s->room + s->first, s->filled - s->first);
    s->filled -= s->first;
    s->first = 0;
    while (s->at < s->end && s->filled < SOURCE_ROOM) {
        size_t n = SOURCE_ROOM - s->filled;
        if (n > s->end - s->at)
            n = (size_t)(s->end - s->at);
        ssize_t got = io_pread(s->fd, s->room + s->filled, n, (off_t)s->at);
        if (got < 0)
            return complain(s, strerror(errno));
        if (got == 0)
            return complain(s, "shorter than it was when it was queued");
        s->filled += (size_t)got;
        s->at += (uint64_t)got;
    }
    // All has been read: only now does the file's length say something about what was read.
    return s->at < s->end || is_sound(s);
}

bool source_begin(struct source *s, int fd, uint64_t offset, uint64_t octets)
{
    s->fd = fd;
    s->at = offset;
    s->end = offset + octets;
    s->first = s->filled = 0;
    buf_clear(&s->head);
    s->given = 0;
    s->why[0] = '\0';
    if (s->end > INT64_MAX)
        return complain(s, "no file can be that long");
    return is_sound(s) && fill(s);
}

bool source_whole(const struct source *s)
{
    return s->at == s->end;
}

// The next line as it lies in the buffer: with its LF, or as much of it as there is room for;
// empty at the end of the message.
static bool next_line(struct source *s, struct span *line)
{
    const char *lf = memchr(s->room + s->first, '\n', s->filled - s->first);
    if (!lf && !source_whole(s)) {
        if (!fill(s))
            return false;
        lf = memchr(s->room + s->first, '\n', s->filled - s->first);
    }
    size_t end = lf ? (size_t)(lf + 1 - s->room) : s->filled;
    *line = (struct span){s->room + s->first, end - s->first};
    return true;
}

bool source_header(struct source *s, struct header *h, uint64_t *size)
{
    enum header_answer answer = HEADER_MORE;
    struct span line;
    *size = 0;
    while (answer == HEADER_MORE) {
        if (!next_line(s, &line))
            return false;
        if (line.n == 0)
            break;
        answer = header_push(h, line);
        if (answer == HEADER_LONG)
            return complain(s, "its header is too long");
        if (answer == HEADER_BODY)
            break;
        s->first += line.n;
        *size += line.n + (line.p[line.n - 1] == '\n');
    }
    if (h->text.n && h->text.p[h->text.n - 1] != '\n')
        buf_putc(&h->text, '\n');
    return !h->text.over || complain(s, "its header is too long");
}

uint64_t source_mark(const struct source *s)
{
    return s->at - (s->filled - s->first);
}

bool source_rewind(struct source *s, uint64_t mark)
{
    uint64_t room_at = s->at - s->filled;
    s->given = 0;
    if (s->why[0])
        return false;
    if (mark >= room_at) {
        s->first = (size_t)(mark - room_at);
        return true;
    }
    s->at = mark;
    s->first = s->filled = 0;
    return fill(s);
}

void source_spoil(struct source *s, const char *why)
{
    (void)complain(s, why);
}

static bool next_of_head(struct source *s, size_t most, struct span *piece)
{
    size_t n = s->head.n - s->given;
    if (n == 0)
        return false;
    if (n > most)
        n = most;
    *piece = (struct span){s->head.p + s->given, n};
    s->given += n;
    return true;
}

enum source_answer source_next(struct source *s, size_t most, struct span *piece)
{
    *piece = (struct span){0};
    if (s->why[0])
        return SOURCE_BAD;
    if (next_of_head(s, most, piece))
        return SOURCE_PIECE;
    if (!source_whole(s) && s->filled - s->first < most && !fill(s))
        return SOURCE_BAD;
    size_t n = s->filled - s->first;
    if (n == 0)
        return SOURCE_END;
    if (n > most)
        n = most;
    *piece = (struct span){s->room + s->first, n};
    s->first += n;
    return SOURCE_PIECE;
}
