// SPDX-License-Identifier: ISC
// links: config

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "config/value.h"

static const char *const words[] = {"red", "green", NULL};

static const struct option rows[] = {
    [OPTION_TEXT] = {.type = OPTION_TEXT},
    [OPTION_PATH] = {.type = OPTION_PATH},
    [OPTION_COMMAND] = {.type = OPTION_COMMAND},
    [OPTION_NAME] = {.type = OPTION_NAME},
    [OPTION_DOMAIN] = {.type = OPTION_DOMAIN},
    [OPTION_ADDRESS] = {.type = OPTION_ADDRESS},
    [OPTION_FROM] = {.type = OPTION_FROM},
    [OPTION_HOST] = {.type = OPTION_HOST},
    [OPTION_HOSTS] = {.type = OPTION_HOSTS},
    [OPTION_SOURCES] = {.type = OPTION_SOURCES},
    [OPTION_HELO] = {.type = OPTION_HELO},
    [OPTION_MECHANISMS] = {.type = OPTION_MECHANISMS},
    [OPTION_PINS] = {.type = OPTION_PINS},
    [OPTION_WORD] = {.type = OPTION_WORD, .words = words},
    [OPTION_NUMBER] = {.type = OPTION_NUMBER, .min = 1, .max = 65535},
    [OPTION_SIZE] = {.type = OPTION_SIZE, .max = UINT64_C(1) << 40},
    [OPTION_DURATION] = {.type = OPTION_DURATION, .min = 1, .max = UINT64_C(365) * 86400},
};

#define LABEL_63 "abcdefghijklmnopqrstuvwxyz-0123456789-abcdefghijklmnopqrstuvwxy"

#define PIN_42  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN+/"
#define PIN_HEX "0123456789abcdefABCDEF01234567890123456789abcdefABCDEF0123456789"
#define PIN_COLONS                                                                            \
    "01:23:45:67:89:ab:cd:ef:AB:CD:EF:01:23:45:67:89:01:23:45:67:89:ab:cd:ef:AB:CD:EF:01:23:" \
    "45:67:89"

static void test_texts(void **state)
{
    (void)state;
    static const struct {
        enum option_type type;
        const char *value;
        bool good;
    } table[] = {
        {OPTION_TEXT, "x", true},
        {OPTION_TEXT, "", false},
        {OPTION_PATH, "/", true},
        {OPTION_PATH, "/a b", true},
        {OPTION_PATH, "a/b", false},
        {OPTION_PATH, "~/a", false},
        {OPTION_COMMAND, "/bin/tell", true},
        {OPTION_COMMAND, "/bin/tell a\tb it's $x", true},
        {OPTION_COMMAND, "bin/tell", false},
        {OPTION_COMMAND, "tell me", false},
        {OPTION_COMMAND, "/bin/tell \"a b\"", false},
        {OPTION_COMMAND, "/bin/tell 'a b'", false},
        {OPTION_COMMAND, "/bin/tell a\nb", false},
        {OPTION_NAME, "work", true},
        {OPTION_NAME, "Work-1._", true},
        {OPTION_NAME, "..", false},
        {OPTION_NAME, "a/b", false},
        {OPTION_NAME, "12345678901234567890123456789012", true},
        {OPTION_NAME, "123456789012345678901234567890123", false},
        {OPTION_DOMAIN, "localhost", true},
        {OPTION_DOMAIN, "a.B-c.x_y", true},
        {OPTION_DOMAIN, LABEL_63 ".de", true},
        {OPTION_DOMAIN, LABEL_63 "x.de", false},
        {OPTION_DOMAIN, LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63, true},
        {OPTION_DOMAIN, LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63 ".x", false},
        {OPTION_DOMAIN, "a..b", false},
        {OPTION_DOMAIN, "a.", false},
        {OPTION_DOMAIN, ".a", false},
        {OPTION_DOMAIN, "-a.b", false},
        {OPTION_DOMAIN, "a b", false},
        {OPTION_DOMAIN, "a@b", false},
        {OPTION_DOMAIN, "::1", false},
        {OPTION_ADDRESS, "admin@example.org", true},
        {OPTION_ADDRESS, "a.b+c#d@x", true},
        {OPTION_ADDRESS, "admin", false},
        {OPTION_ADDRESS, "admin@", false},
        {OPTION_ADDRESS, "@example.org", false},
        {OPTION_ADDRESS, "a@b@example.org", false},
        {OPTION_ADDRESS, "a..b@example.org", false},
        {OPTION_ADDRESS, ".a@example.org", false},
        {OPTION_ADDRESS, "a.@example.org", false},
        {OPTION_ADDRESS, "a b@example.org", false},
        {OPTION_ADDRESS, "<a@example.org>", false},
        {OPTION_ADDRESS, "a@example.org, b@example.org", false},
        {OPTION_ADDRESS, "a@[192.0.2.1]", false},
        {OPTION_ADDRESS, LABEL_63 "a@x", true},
        {OPTION_ADDRESS, LABEL_63 "ab@x", false},
        {OPTION_FROM, "me@example.org", true},
        {OPTION_FROM, "%u@example.org", true},
        {OPTION_FROM, "me+%u.%h@example.org", true},
        {OPTION_FROM, "%u@%h", true},
        {OPTION_FROM, "%u@mail.%h", true},
        {OPTION_FROM, "a%%b@example.org", true},
        {OPTION_FROM, "%%u@example.org", true},
        {OPTION_FROM, "", false},
        {OPTION_FROM, "%u", false},
        {OPTION_FROM, "me", false},
        {OPTION_FROM, "%", false},
        {OPTION_FROM, "a%@example.org", false},
        {OPTION_FROM, "me@example.org%", false},
        {OPTION_FROM, "me@%", false},
        {OPTION_FROM, "me@%%", false},
        {OPTION_FROM, "%x@example.org", false},
        {OPTION_FROM, "%U@example.org", false},
        {OPTION_FROM, "Me <me@example.org>", false},
        {OPTION_FROM, "me@example.org, you@example.org", false},
        {OPTION_FROM, "m\xc3\xa9@example.org", false},
        {OPTION_FROM, "a\nb@example.org", false},
        {OPTION_HOST, "mail.example.com", true},
        {OPTION_HOST, "192.0.2.1", true},
        {OPTION_HOST, "::1", true},
        {OPTION_HOST, "2001:db8::25", true},
        {OPTION_HOST, "fe80::1%eth0", true},
        {OPTION_HOST, "::ffff:192.0.2.1", true},
        {OPTION_HOST, "fe80::1%", false},
        {OPTION_HOST, "fe80::1%e/0", false},
        {OPTION_HOST, "fe80::1%a%b", false},
        {OPTION_HOST, "%eth0", false},
        {OPTION_HOST, "192.0.2.1:25", false},
        {OPTION_HOST, "mail.example.com:25", false},
        {OPTION_HOST, "[::1]", false},
        {OPTION_HOST, "a,b", false},
        {OPTION_HOST, "smtp://a", false},
        {OPTION_HOST, "srv:example.org", false},
        {OPTION_HOSTS, "mail.example.com", true},
        {OPTION_HOSTS, "mail.example.com:25", true},
        {OPTION_HOSTS, "a b:25 192.0.2.1 [::1]:587 ::1 srv:example.org", true},
        {OPTION_HOSTS, "1 2 3 4 5 6 7 8 9 a b c d e f g", true},
        {OPTION_HOSTS, "1 2 3 4 5 6 7 8 9 a b c d e f g h", false},
        {OPTION_HOSTS, "", false},
        {OPTION_HOSTS, "a, b", false},
        {OPTION_HOSTS, "a:b", false},
        {OPTION_HOSTS, "a:0", false},
        {OPTION_HOSTS, "[a.example]", true},
        {OPTION_HOSTS, "[::1", false},
        {OPTION_HOSTS, "srv:::1", false},
        {OPTION_HOSTS, "srv:_a._b.example", true},
        {OPTION_HOSTS, "smtp://a", false},
        {OPTION_SOURCES, "192.0.2.7", true},
        {OPTION_SOURCES, "2001:db8::7", true},
        {OPTION_SOURCES, "2001:db8::7 192.0.2.7", true},
        {OPTION_SOURCES, "fe80::1%eth0", true},
        {OPTION_SOURCES, "192.0.2.7 192.0.2.8", false},
        {OPTION_SOURCES, "::1 ::2", false},
        {OPTION_SOURCES, "192.0.2", false},
        {OPTION_SOURCES, "192.0.2.256", false},
        {OPTION_SOURCES, "192.0.2.07", false},
        {OPTION_SOURCES, "192.0.2.7.8", false},
        {OPTION_SOURCES, "host.example", false},
        {OPTION_SOURCES, "[::1]", false},
        {OPTION_SOURCES, "", false},
        {OPTION_HELO, "mail.example.com", true},
        {OPTION_HELO, "[192.0.2.1]", true},
        {OPTION_HELO, "[IPv6:2001:db8::1]", true},
        {OPTION_HELO, "[]", false},
        {OPTION_HELO, "[192.0.2.1", false},
        {OPTION_HELO, "[IPv6:]", false},
        {OPTION_HELO, "::1", false},
        {OPTION_MECHANISMS, "auto", true},
        {OPTION_MECHANISMS, "none", true},
        {OPTION_MECHANISMS, "PLAIN", true},
        {OPTION_MECHANISMS, "SCRAM-SHA-256 \t plain", true},
        {OPTION_MECHANISMS, "PLAIN auto", false},
        {OPTION_MECHANISMS, "None LOGIN", false},
        {OPTION_MECHANISMS, "Auto", false},
        {OPTION_MECHANISMS, "PLAIN,LOGIN", false},
        {OPTION_MECHANISMS, "scram-sha-1-plus SCRAM-SHA-512-PLUS XOAUTH2 EXTERNAL", true},
        {OPTION_MECHANISMS, "SCRAM-SHA-", false},
        {OPTION_MECHANISMS, "SCRAM-SHA-256-", false},
        {OPTION_MECHANISMS, "SCRAM-SHA--PLUS", false},
        {OPTION_MECHANISMS, "SCRAM-SHA-2", false},
        {OPTION_MECHANISMS, "-PLUS", false},
        {OPTION_MECHANISMS, "ANONYMOUS", false},
        {OPTION_MECHANISMS, "PLAIN SCRAM-SHA256", false},
        {OPTION_PINS, PIN_42 "A=", true},
        {OPTION_PINS, "sha256//" PIN_42 "8=", true},
        {OPTION_PINS, "SHA256//" PIN_42 "8= \t" PIN_42 "E=", true},
        {OPTION_PINS, PIN_HEX, true},
        {OPTION_PINS, "sha256//" PIN_HEX " " PIN_42 "A=", true},
        {OPTION_PINS, PIN_COLONS, true},
        {OPTION_PINS, "", false},
        {OPTION_PINS, "sha256//", false},
        {OPTION_PINS, PIN_42 "B=", false}, // bits that no octet has
        {OPTION_PINS, PIN_42 "A", false},
        {OPTION_PINS, PIN_42 "AA", false},
        {OPTION_PINS, PIN_42 "AAA=", false},
        {OPTION_PINS, "A=" PIN_42, false},
        {OPTION_PINS, PIN_42 "A=," PIN_42 "A=", false},
        {OPTION_PINS, "sha1//" PIN_42 "A=", false},
        {OPTION_PINS, PIN_HEX "0", false},
        {OPTION_PINS, PIN_HEX ":", false},
        {OPTION_PINS, ":" PIN_HEX, false},
        {OPTION_PINS, PIN_COLONS ":00", false},
        {OPTION_PINS, "0:" PIN_COLONS, false},
        {OPTION_PINS, PIN_42 "A= x", false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf why = BUF_INIT(1024);
        uint64_t number = 77;
        bool good = value_read(&rows[table[i].type], span_of(table[i].value), &number, &why);
        if (good != table[i].good || (why.n == 0) != good)
            fail_msg("'%s': %d %s", table[i].value, good, buf_str(&why));
        assert_int_equal(number, 77);
        buf_free(&why);
    }
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        enum option_type type;
        const char *value;
        bool good;
        uint64_t number;
        const char *written;
    } table[] = {
        {OPTION_WORD, "red", true, 0, "red"},
        {OPTION_WORD, "green", true, 1, "green"},
        {OPTION_WORD, "Green", false, 0, "'Green' is no choice: it is one of red, green"},
        {OPTION_WORD, "gree", false, 0, "one of red, green"},
        {OPTION_WORD, "greens", false, 0, "one of red, green"},
        {OPTION_NUMBER, "1", true, 1, "1"},
        {OPTION_NUMBER, "65535", true, 65535, "65535"},
        {OPTION_NUMBER, "010", true, 10, "10"},
        {OPTION_NUMBER, "0", false, 0, "from 1 to 65535"},
        {OPTION_NUMBER, "65536", false, 0, "from 1 to 65535"},
        {OPTION_NUMBER, "99999999999", false, 0, "from 1 to 65535"},
        {OPTION_NUMBER, "18446744073709551617", false, 0, "from 1 to 65535"},
        {OPTION_NUMBER, "0x24b", false, 0, "is no number"},
        {OPTION_NUMBER, "-1", false, 0, "is no number"},
        {OPTION_NUMBER, "+1", false, 0, "is no number"},
        {OPTION_NUMBER, "5m", false, 0, "is no number"},
        {OPTION_NUMBER, "1 2", false, 0, "is no number"},
        {OPTION_NUMBER, "", false, 0, "is no value"},
        {OPTION_SIZE, "0", true, 0, "0"},
        {OPTION_SIZE, "1000", true, 1000, "1000"},
        {OPTION_SIZE, "1k", true, 1024, "1k"},
        {OPTION_SIZE, "2048", true, 2048, "2k"},
        {OPTION_SIZE, "25M", true, UINT64_C(25) << 20, "25m"},
        {OPTION_SIZE, "1024g", true, UINT64_C(1) << 40, "1024g"},
        {OPTION_SIZE, "1025g", false, 0, "from 0 to 1024g"},
        {OPTION_SIZE, "99999999999999999999g", false, 0, "from 0 to 1024g"},
        {OPTION_SIZE, "18446744073709551615", false, 0, "from 0 to 1024g"},
        {OPTION_SIZE, "1t", false, 0, "is no size"},
        {OPTION_SIZE, "k", false, 0, "is no size"},
        {OPTION_SIZE, "1kk", false, 0, "is no size"},
        {OPTION_SIZE, "1mk", false, 0, "is no size"},
        {OPTION_SIZE, "1 k", false, 0, "is no size"},
        {OPTION_SIZE, "1.5g", false, 0, "is no size"},
        {OPTION_SIZE, "5d", false, 0, "is no size"},
        {OPTION_DURATION, "90", true, 90, "90s"},
        {OPTION_DURATION, "30s", true, 30, "30s"},
        {OPTION_DURATION, "1m", true, 60, "1m"},
        {OPTION_DURATION, "240m", true, 14400, "4h"},
        {OPTION_DURATION, "5D", true, 432000, "5d"},
        {OPTION_DURATION, "365d", true, 31536000, "365d"},
        {OPTION_DURATION, "366d", false, 0, "from 1s to 365d"},
        {OPTION_DURATION, "0", false, 0, "from 1s to 365d"},
        {OPTION_DURATION, "0h", false, 0, "from 1s to 365d"},
        {OPTION_DURATION, "1h30m", false, 0, "is no duration"},
        {OPTION_DURATION, "5w", false, 0, "is no duration"},
        {OPTION_DURATION, "d", false, 0, "is no duration"},
        {OPTION_DURATION, "1k", false, 0, "is no duration"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf why = BUF_INIT(1024);
        uint64_t number = 77;
        const struct option *o = &rows[table[i].type];
        bool good = value_read(o, span_of(table[i].value), &number, &why);
        if (good != table[i].good || number != (good ? table[i].number : 77))
            fail_msg("'%s': %d %llu", table[i].value, good, (unsigned long long)number);
        if (good) {
            assert_int_equal(why.n, 0);
            value_write(o, number, &why);
            assert_string_equal(buf_str(&why), table[i].written);
        } else if (!strstr(buf_str(&why), table[i].written)) {
            fail_msg("'%s': %s", table[i].value, buf_str(&why));
        }
        buf_free(&why);
    }
}

// The bounds are those of the value, not of the number in front of its unit.
static void test_bounds(void **state)
{
    (void)state;
    static const struct option hour = {.type = OPTION_DURATION, .min = 60, .max = 3600};
    static const char *const good[] = {"1m", "60", "60s", "60m", "1h", "3600"};
    static const char *const bad[] = {"59", "59s", "0m", "61m", "2h", "3601", "1d"};
    struct buf why = BUF_INIT(1024);
    uint64_t number;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(value_read(&hour, span_of(good[i]), &number, &why));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        buf_clear(&why);
        assert_false(value_read(&hour, span_of(bad[i]), &number, &why));
        assert_string_equal(buf_str(&why), "must be from 1m to 1h");
    }
    buf_free(&why);
}

// A bad value is shown, but short and clean.
static void test_shown(void **state)
{
    (void)state;
    struct buf why = BUF_INIT(1024);
    char value[200];
    uint64_t number;
    memset(value, 'x', sizeof value);
    value[0] = '\x1b';
    assert_false(
        value_read(&rows[OPTION_DURATION], (struct span){value, sizeof value}, &number, &why));
    assert_true(why.n < 140);
    assert_int_equal(strncmp(buf_str(&why), "'?xxx", 5), 0);
    assert_non_null(strstr(buf_str(&why), "xx...' is no duration"));
    buf_free(&why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
