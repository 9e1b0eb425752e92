// SPDX-License-Identifier: ISC
// The header of a message, collected line by line, and the fields in it (RFC 5322, 2.2, with
// the blanks before the colon of 4.5). Bytes stay as they came, foldings too, but for what no
// line of a header may hold: NUL becomes '?', a lone CR a space, a line's end LF.
//
// It knows what a field's name looks like and what a continuation is, and no field by its name.
// The first line that is neither begins the body, whether or not a blank line stands before it.
#ifndef MESSAGE_HEADER_H
#define MESSAGE_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum { HEADER_MAX = 1 << 20 }; // octets of a header

struct header {
    struct buf text; // the fields, each ended by LF, without the blank line
    bool open;       // the last piece was no whole line
    bool skip;       // that line is being dropped
};

enum header_answer {
    HEADER_MORE, // the line was taken in
    HEADER_DONE, // it was the blank line that ends the header: used up, stored nowhere
    HEADER_BODY, // it is the first line of the body: not used up
    HEADER_LONG, // the header is longer than HEADER_MAX; *h is of no more use
};

// An empty header. The caller ends it with header_free.
void header_init(struct header *h) __attribute__((nonnull));
void header_free(struct header *h) __attribute__((nonnull));

// Takes in the next line as lines_line gives it: with its line end, or a piece of at least 4096
// octets of a longer line. "From " lines of an mbox, also quoted by '>', are dropped before the
// first field.
enum header_answer header_push(struct header *h, struct span line)
    __attribute__((nonnull, warn_unused_result));

// One field, as views into the text it was found in.
struct field {
    struct span raw;  // all of it, the LF at its end too
    struct span name; // without blanks and colon
    struct span body; // behind the colon, foldings and the LF at its end too
};

// Takes the next field off *text, which is a header's text: buf_span(&h->text), or any such
// text. False when there is none left.
bool field_next(struct span *text, struct field *f) __attribute__((nonnull));

// Length of the field's name at the start of the line, 0 where the line begins no field.
size_t field_name(struct span line);

#endif
