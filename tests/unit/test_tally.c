// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "message/mime/tally.h"

static const struct {
    struct span text;
    uint64_t lines, longest, special;
    bool eightbit, nul, utf8;
} rows[] = {
    {SPAN_INIT(""), 0, 0, 0, false, false, true},
    {SPAN_INIT("abc\nde"), 1, 3, 0, false, false, true},
    {SPAN_INIT("a\nbcde"), 1, 4, 0, false, false, true},
    {SPAN_INIT("a=\t\x7f\0\n"), 1, 5, 3, false, true, true},
    {SPAN_INIT("\xc3\xa4"), 0, 2, 2, true, false, true},
    {SPAN_INIT("\xe2\x82\xac\xf0\x9f\x93\xae"), 0, 7, 7, true, false, true},
    {SPAN_INIT("\xf4\x8f\xbf\xbf\xed\x9f\xbf\xe0\xa0\x80"), 0, 10, 10, true, false, true},
    // no UTF-8: alone, cut off, overlong, a surrogate, too high
    {SPAN_INIT("\xe4"), 0, 1, 1, true, false, false},
    {SPAN_INIT("\x80"), 0, 1, 1, true, false, false},
    {SPAN_INIT("\xc3z"), 0, 2, 1, true, false, false},
    {SPAN_INIT("\xc3\n"), 1, 1, 1, true, false, false},
    {SPAN_INIT("\xc0\xaf"), 0, 2, 2, true, false, false},
    {SPAN_INIT("\xe0\x9f\x80"), 0, 3, 3, true, false, false},
    {SPAN_INIT("\xed\xa0\x80"), 0, 3, 3, true, false, false},
    {SPAN_INIT("\xf0\x8f\xbf\xbf"), 0, 4, 4, true, false, false},
    {SPAN_INIT("\xf4\x90\x80\x80"), 0, 4, 4, true, false, false},
    {SPAN_INIT("\xf5\x80\x80\x80"), 0, 4, 4, true, false, false},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t at = 0; at <= rows[i].text.n; at++) {
            struct tally t;
            tally_init(&t);
            tally_put(&t, (struct span){rows[i].text.p, at});
            tally_put(&t, (struct span){rows[i].text.p + at, rows[i].text.n - at});
            tally_end(&t);
            if (t.octets != rows[i].text.n || t.lines != rows[i].lines ||
                t.longest != rows[i].longest || t.special != rows[i].special ||
                t.eightbit != rows[i].eightbit || t.nul != rows[i].nul ||
                t.utf8 != rows[i].utf8)
                fail_msg("row %zu, split at %zu", i, at);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
