// SPDX-License-Identifier: ISC
// What people see on a terminal: how wide it is, whether it takes colour, how many columns a
// text takes. Where there is none, nothing is cut and nothing is coloured.
#ifndef SENDOFF_TERMINAL_H
#define SENDOFF_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct terminal {
    bool is;      // there is one
    bool plain;   // it takes text and line ends, and nothing else (TERM=dumb)
    bool colour;  // it takes colour, and nobody has asked for none (NO_COLOR)
    size_t width; // columns; 0: no limit is known
};

enum colour { COLOUR_NONE, COLOUR_BOLD, COLOUR_DIM, COLOUR_RED, COLOUR_GREEN, COLOUR_YELLOW };

// Looks at the terminal behind the descriptor. COLUMNS, where it is a number, is believed.
struct terminal terminal_of(int fd);
// The width, asked for again: windows change.
size_t terminal_width(int fd);

// Columns that a clean text takes: none for what is drawn over the character before it, two for
// the wide ones of East Asia.
size_t terminal_columns(struct span text);
// Its beginning that fits into so many columns; never part of a character.
struct span terminal_fit(struct span text, size_t columns);

// Appends the text and a line end. Where the width is known it is broken at blanks, the further
// lines `indent` columns in; `column` is where its first one begins.
void terminal_wrap(struct buf *out, const struct terminal *t, struct span text, size_t column,
                   size_t indent) __attribute__((nonnull));

// Appends what turns a colour on, or all off for COLOUR_NONE; nothing where t takes none.
void terminal_colour(struct buf *out, const struct terminal *t, enum colour colour)
    __attribute__((nonnull));

#endif
