// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "message/date.h"

static void dates_are_written(void **state)
{
    static const struct {
        struct tm tm;
        int offset;
        const char *want;
    } rows[] = {
        {{.tm_year = 125,
          .tm_mon = 10,
          .tm_mday = 22,
          .tm_wday = 6,
          .tm_hour = 13,
          .tm_min = 51,
          .tm_sec = 7},
         60,
         "Sat, 22 Nov 2025 13:51:07 +0100"},
        {{.tm_year = 70, .tm_mon = 0, .tm_mday = 1, .tm_wday = 4},
         0,
         "Thu, 01 Jan 1970 00:00:00 +0000"},
        {{.tm_year = 100,
          .tm_mon = 1,
          .tm_mday = 29,
          .tm_wday = 2,
          .tm_hour = 23,
          .tm_min = 59,
          .tm_sec = 60},
         -210,
         "Tue, 29 Feb 2000 23:59:60 -0330"},
        {{.tm_year = 138, .tm_mon = 11, .tm_mday = 31, .tm_wday = 5},
         825,
         "Fri, 31 Dec 2038 00:00:00 +1345"},
        {{.tm_year = 126, .tm_mon = 4, .tm_mday = 3, .tm_wday = 0},
         -30,
         "Sun, 03 May 2026 00:00:00 -0030"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out = BUF_INIT(100);
        date_put(&out, &rows[i].tm, rows[i].offset);
        assert_string_equal(buf_str(&out), rows[i].want);
        buf_free(&out);
    }
}

static void message_ids_are_written(void **state)
{
    static const unsigned char random[DATE_RANDOM] = {0x00, 0x01, 0x0f, 0x10, 0x7f, 0x80,
                                                      0xff, 0xab, 0xcd, 0xef, 0x12, 0x34,
                                                      0x56, 0x78, 0x9a, 0xbc};
    struct buf out = BUF_INIT(100);
    (void)state;
    message_id_put(&out, random, SPAN("example.org"));
    assert_string_equal(buf_str(&out), "<00010f107f80ffabcdef123456789abc@example.org>");
    buf_clear(&out);
    message_id_put(&out, random, (struct span){NULL, 0});
    assert_string_equal(buf_str(&out), "<00010f107f80ffabcdef123456789abc@localhost>");
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_written),
        cmocka_unit_test(message_ids_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
