// SPDX-License-Identifier: ISC
// What is in some text, for those who have to choose how it goes out. It comes in pieces.
#ifndef MESSAGE_TALLY_H
#define MESSAGE_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct tally {
    uint64_t octets;
    uint64_t lines;   // line ends
    uint64_t longest; // octets of the longest line, without its end
    uint64_t special; // octets that quoted-printable writes as three
    bool eightbit;    // an octet above 127 is in it
    bool nul;         // a NUL is in it
    bool utf8;        // what is above 127 is UTF-8; to be asked at the end

    uint64_t column;   // of the line that is not over
    unsigned more;     // octets that the UTF-8 sequence in hand lacks
    unsigned char low; // the next of them is within these two
    unsigned char high;
};

void tally_init(struct tally *t) __attribute__((nonnull));
void tally_put(struct tally *t, struct span text) __attribute__((nonnull));
// There is no more.
void tally_end(struct tally *t) __attribute__((nonnull));

#endif
