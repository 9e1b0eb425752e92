// SPDX-License-Identifier: ISC
#include "smtp/base64.h"

#include <stdint.h>
#include <string.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t base64_length(size_t n)
{
    return (n + 2) / 3 * 4;
}

void base64_encode(struct buf *out, struct span octets)
{
    const unsigned char *p = (const unsigned char *)octets.p;
    for (size_t i = 0; i < octets.n; i += 3) {
        size_t left = octets.n - i;
        uint32_t bits = (uint32_t)p[i] << 16;
        if (left > 1)
            bits |= (uint32_t)p[i + 1] << 8;
        if (left > 2)
            bits |= p[i + 2];
        char four[4] = {alphabet[bits >> 18], alphabet[bits >> 12 & 63],
                        left > 1 ? alphabet[bits >> 6 & 63] : '=',
                        left > 2 ? alphabet[bits & 63] : '='};
        buf_put(out, four, sizeof four);
    }
}

// Reads four characters into *bits and says how many octets they hold; 0 where they are none.
static size_t decode_four(const char *p, uint32_t *bits)
{
    size_t octets = p[3] != '=' ? 3 : p[2] != '=' ? 2 : 1;
    *bits = 0;
    for (size_t i = 0; i < octets + 1; i++) {
        const char *at = p[i] ? strchr(alphabet, p[i]) : NULL;
        if (!at)
            return 0;
        *bits |= (uint32_t)(at - alphabet) << (18 - 6 * i);
    }
    // What the last character holds beyond the octets must be zero, or one text could be
    // written in several ways.
    return *bits & (0xffffffU >> (8 * octets)) ? 0 : octets;
}

bool base64_decode(struct buf *out, struct span text)
{
    size_t before = out->n;
    if (text.n % 4)
        return false;
    for (size_t i = 0; i < text.n; i += 4) {
        uint32_t bits;
        size_t octets = decode_four(text.p + i, &bits);
        char three[3] = {(char)(bits >> 16), (char)(bits >> 8), (char)bits};
        bool last = i + 4 == text.n;
        if (octets)
            buf_put(out, three, octets);
        if (octets == 0 || (octets < 3 && !last) || out->over) {
            buf_cut(out, before);
            return false;
        }
    }
    return true;
}
