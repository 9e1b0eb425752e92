// SPDX-License-Identifier: ISC
// links: submit
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "submit/tls/pins.h"

// The octets 0 to 31, and how they are written.
#define BASE64 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define HEX    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define COLONS                                         \
    "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:" \
    "10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F"
#define OTHER "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

static void make_hash(unsigned char hash[PINS_OCTETS])
{
    for (unsigned i = 0; i < PINS_OCTETS; i++)
        hash[i] = (unsigned char)i;
}

static void listed_and_not(void **state)
{
    static const struct {
        const char *list;
        bool listed;
    } table[] = {
        {"", false},
        {BASE64, true},
        {"sha256//" BASE64, true},
        {"SHA256//" BASE64, true},
        {HEX, true},
        {"sha256//" HEX, true},
        {COLONS, true},
        {OTHER, false},
        {OTHER " " BASE64, true},
        {BASE64 "\t" OTHER, true},
        {OTHER "  " OTHER "  " HEX "  " OTHER, true},
        {"sha1//" BASE64, false},
        {"sha256//", false},
        {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=", false}, // bits that no octet has
        {"aAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", false}, // letters' case counts
        {BASE64 "=", false},
        {HEX "00", false},
        {"1" HEX, false},
        {"010102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", false},
        {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e", false},
        {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1", false},
    };
    unsigned char hash[PINS_OCTETS];
    (void)state;
    make_hash(hash);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (pins_list(span_of(table[i].list), hash) != table[i].listed)
            fail_msg("'%s'", table[i].list);
}

static void each_octet_counts(void **state)
{
    unsigned char hash[PINS_OCTETS];
    (void)state;
    for (size_t i = 0; i < sizeof hash; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            make_hash(hash);
            hash[i] = (unsigned char)(hash[i] ^ 1U << bit);
            assert_false(pins_list(SPAN(BASE64 " " HEX " " COLONS), hash));
        }
}

static void written_as_it_is_read(void **state)
{
    unsigned char hash[PINS_OCTETS];
    struct buf text = BUF_INIT(128);
    (void)state;
    make_hash(hash);
    pins_put(&text, hash);
    assert_string_equal(buf_str(&text), "sha256//" BASE64);
    assert_true(pins_list(buf_span(&text), hash));
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listed_and_not),
        cmocka_unit_test(each_octet_counts),
        cmocka_unit_test(written_as_it_is_read),
    };
    return cmocka_run_group_tests_name("pins", tests, NULL, NULL);
}
