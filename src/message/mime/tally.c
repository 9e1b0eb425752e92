// SPDX-License-Identifier: ISC
#include "message/mime/tally.h"

void tally_init(struct tally *t)
{
    *t = (struct tally){.utf8 = true};
}

// One octet of UTF-8 (RFC 3629, 4).
static void take_utf8(struct tally *t, unsigned char c)
{
    if (t->more > 0) {
        t->utf8 = t->utf8 && c >= t->low && c <= t->high;
        t->more--;
    } else if (c > 127) {
        t->utf8 = t->utf8 && c >= 0xc2 && c <= 0xf4;
        t->more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
        // Nothing overlong, no surrogates, nothing beyond U+10FFFF.
        t->low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
        t->high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
        return;
    }
    t->low = 0x80;
    t->high = 0xbf;
}

static void end_line(struct tally *t)
{
    if (t->column > t->longest)
        t->longest = t->column;
    t->column = 0;
}

void tally_put(struct tally *t, struct span text)
{
    t->octets += text.n;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (t->utf8 && (c > 127 || t->more > 0))
            take_utf8(t, c);
        if (c == '\n') {
            t->lines++;
            end_line(t);
            continue;
        }
        t->column++;
        t->eightbit |= c > 127;
        t->nul |= c == 0;
        t->special += c > 126 || c == '=' || (c < ' ' && c != '\t');
    }
}

void tally_end(struct tally *t)
{
    end_line(t);
    t->utf8 = t->utf8 && t->more == 0;
}
