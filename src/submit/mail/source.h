// SPDX-License-Identifier: ISC
// A message on its way out of its file, through a fixed buffer. The file belongs to somebody
// who may change it under our hands, so it is read, never mapped, and its length is asked for
// again before its last octets are given away: a message that is not what its block says never
// becomes a whole one (HAZARDS 10).
#ifndef SUBMIT_SOURCE_H
#define SUBMIT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "message/header.h"
#include "message/mime/convert.h"
#include "message/policy.h"

enum { SOURCE_ROOM = 65536 };

struct source {
    struct buf head; // goes out before what is left of the file
    size_t given;    // of it
    int fd;
    uint64_t at;  // in the file, behind what is in `room`
    uint64_t end; // of the message, which is the end of the file
    size_t first; // of what is in `room` and was not given yet
    size_t filled;
    char room[SOURCE_ROOM];
    char why[128]; // what is wrong with the file, "" for nothing
};

// Where nothing has begun yet. The caller ends it with source_free.
void source_init(struct source *s) __attribute__((nonnull));
void source_free(struct source *s) __attribute__((nonnull));

// Begins with the message of `octets` at `offset` of fd, and reads as much of it as there is
// room for. False, with `why` set, where the file is not what it should be. It does not own fd.
bool source_begin(struct source *s, int fd, uint64_t offset, uint64_t octets)
    __attribute__((nonnull, warn_unused_result));

// Whether all that is left lies in the buffer.
bool source_whole(const struct source *s) __attribute__((nonnull));

// Takes the header off, up to and with the blank line that ends it, and adds it to an empty *h,
// every line whole. What the caller puts into `head` then goes out in its place. *size becomes
// what was taken off, line ends being CRLF. False, with `why` set, where the file is bad or *h
// has no room for the header.
bool source_header(struct source *s, struct header *h, uint64_t *size)
    __attribute__((nonnull, warn_unused_result));

// Where it is: what source_rewind takes to go back there, so that what came since comes again,
// `head` from its beginning included. False, with `why` set, where the file is bad.
uint64_t source_mark(const struct source *s) __attribute__((nonnull));
bool source_rewind(struct source *s, uint64_t mark)
    __attribute__((nonnull, warn_unused_result));
// What was read turned out not to be what it was before: it must not become whole.
void source_spoil(struct source *s, const char *why) __attribute__((nonnull));

enum source_answer {
    SOURCE_PIECE, // *piece is set, valid until the next call
    SOURCE_END,   // all was given, and the file is still as long as it was
    SOURCE_BAD,   // `why` is set
};

// The next octets, `most` at most.
enum source_answer source_next(struct source *s, size_t most, struct span *piece)
    __attribute__((nonnull, warn_unused_result));

#endif
