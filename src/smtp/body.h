// SPDX-License-Identifier: ISC
// A message on its way onto the wire, in pieces of any size: LF becomes CRLF, and for DATA the
// leading dots are doubled (RFC 5321, 4.5.2). Whatever is put in, what comes out has CR and LF
// only together: a lone CR is a line break. NUL becomes '?', but in a message that is declared
// binary (RFC 3030). So "CRLF . CRLF" stands
// where body_end puts it and nowhere else, for every server's idea of a line end.
#ifndef SMTP_BODY_H
#define SMTP_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct body {
    bool dots;     // leading dots are doubled (DATA), or not (BDAT)
    bool binary;   // NUL may stand in it; to be set after body_init
    bool inside;   // of a line
    bool after_cr; // the line break is out already; an LF that follows belongs to it
};

void body_init(struct body *b, bool dots) __attribute__((nonnull));
// Appends the encoding of n octets, at most 2 n of them.
void body_encode(struct body *b, struct buf *out, const char *p, size_t n)
    __attribute__((nonnull(1, 2)));
// Ends the last line where it has no end, and with `dots` adds the lone dot.
void body_end(struct body *b, struct buf *out) __attribute__((nonnull));

#endif
