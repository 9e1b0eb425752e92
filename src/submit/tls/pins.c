// SPDX-License-Identifier: ISC
#include "submit/tls/pins.h"

#include "smtp/base64.h"

static const char prefix[] = "sha256//";

enum { PINS_PREFIX = sizeof prefix - 1 };

static bool is_hex(struct span word, const unsigned char hash[PINS_OCTETS])
{
    static const char digits[] = "0123456789abcdef";
    size_t n = 0; // digits so far
    for (size_t i = 0; i < word.n; i++) {
        if (word.p[i] == ':')
            continue;
        if (n == 2 * PINS_OCTETS ||
            text_lower(word.p[i]) != digits[n % 2 ? hash[n / 2] & 15 : hash[n / 2] >> 4])
            return false;
        n++;
    }
    return n == 2 * PINS_OCTETS;
}

static void put_base64(struct buf *out, const unsigned char hash[PINS_OCTETS])
{
    base64_encode(out, (struct span){(const char *)hash, PINS_OCTETS});
}

void pins_put(struct buf *out, const unsigned char hash[PINS_OCTETS])
{
    buf_puts(out, prefix);
    put_base64(out, hash);
}

bool pins_list(struct span list, const unsigned char hash[PINS_OCTETS])
{
    struct buf text = BUF_INIT(2 * PINS_OCTETS);
    struct span word;
    bool listed = false;
    put_base64(&text, hash);
    while (!listed && span_word(&list, &word)) {
        if (span_starts_nocase(word, span_of(prefix)))
            word = (struct span){word.p + PINS_PREFIX, word.n - PINS_PREFIX};
        listed = span_equal(word, buf_span(&text)) || is_hex(word, hash);
    }
    buf_free(&text);
    return listed;
}
