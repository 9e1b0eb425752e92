// SPDX-License-Identifier: ISC
// The bytes of stdin, taken apart into lines of LF, whatever ends they came with: LF, CRLF and
// mixtures, decided line by line. It knows line ends and the lone dot, and nothing of fields.
//
// The text is read straight into our room (lines_room, lines_grew; lines_end after the last),
// and pulled out in two stages: first line by line, raw, until the caller knows where the
// header ends (lines_line, lines_took); then the body in pieces as large as what was read
// (lines_body), put right in place. What a later octet may change (a CR, a dot at the start of
// a line) stays in the room until that octet is there, so the size of the reads never shows in
// the result.
#ifndef MESSAGE_LINES_H
#define MESSAGE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { LINES_ROOM = 65536 }; // octets read at once, and held at most

// What a line means that holds a dot and nothing else. Lines are judged as they came: only LF
// begins a new one, so "CR . CR LF" is no lone dot.
enum lines_dot {
    LINES_DOT_KEEP, // text
    LINES_DOT_LAST, // text, but dropped where it is the last line of all
    LINES_DOT_ENDS, // the end of the message; what follows is not looked at
};

// What is said about some text. A line's end counts as one octet, and not in its length.
struct lines_figures {
    uint64_t octets;
    uint64_t lines;
    uint64_t longest; // octets of the longest line
    bool eightbit;    // an octet above 127 is in it
    bool nul;         // a NUL is in it
};

struct lines {
    enum lines_dot dot;
    bool unstuff;              // a line that begins with two dots loses one of them
    struct lines_figures body; // of what lines_body has given out so far

    struct buf text; // what was read; up to `at` it is used up
    size_t at;
    size_t given;    // octets of the line that lines_line gave out
    uint64_t column; // of the body's unfinished line
    bool open;       // the octet before `at` is no LF
    bool end;        // no more will be read
    bool ended;      // the dot was seen that ends the message
};

enum lines_answer {
    LINES_TEXT, // *text was set; it is valid until the next call but lines_took
    LINES_MORE, // read more, or call lines_end
    LINES_END,  // there is no more
};

void lines_init(struct lines *l, enum lines_dot dot, bool unstuff) __attribute__((nonnull));
void lines_free(struct lines *l) __attribute__((nonnull));

// Where to read the next octets to, and in *n how many there is room for: never none after
// LINES_MORE. The caller then says how many it has read.
char *lines_room(struct lines *l, size_t *n) __attribute__((nonnull, returns_nonnull));
void lines_grew(struct lines *l, size_t n) __attribute__((nonnull));
// The input has ended. A missing last line end is added.
void lines_end(struct lines *l) __attribute__((nonnull));

// The next line as it came, with its line end. A line too long for the room comes in pieces;
// only the last of them ends with LF. The same line is given again until lines_took uses it up,
// so a line that turns out to belong to the body is still there for lines_body.
enum lines_answer lines_line(struct lines *l, struct span *line)
    __attribute__((nonnull, warn_unused_result));
void lines_took(struct lines *l) __attribute__((nonnull));

// The next piece of the body, every line ended by LF and nothing else: a lone CR has become a
// line break, NUL is kept. The pieces join to the body; the last one ends with LF.
enum lines_answer lines_body(struct lines *l, struct span *piece)
    __attribute__((nonnull, warn_unused_result));

// Adds the figures of a piece of text to *f; pieces may end anywhere. *column is how much of a
// line is there that is not complete yet: 0 in the beginning.
void lines_add(struct lines_figures *f, uint64_t *column, struct span text)
    __attribute__((nonnull));
// Adds the figures of a text of whole lines to *f.
void lines_count(struct lines_figures *f, struct span text) __attribute__((nonnull));

#endif
