// SPDX-License-Identifier: ISC
// links: sendoff
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "config/scan.h"
#include "sendoff/setup/draft.h"

// What is put in comes out of our own reader as it was, whatever quotes it takes.
static void values_come_back(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        bool good;
    } table[] = {
        {"plain", true},        {"with # and ;", true},      {"say \"it\"", true},
        {"it's", true},         {"both \" and '", false},    {"ends in \\", true},
        {"DOMAIN\\user", true}, {"two\nlines", false},       {"=", true},
        {"[section]", true},    {"\xc3\xa4 is UTF-8", true}, {"tab\tin it", false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf why = BUF_INIT(1024), out = BUF_INIT(1 << 16);
        struct draft d;
        struct scan scan;
        bool found = false;
        draft_init(&d);
        size_t account = draft_account(&d, SPAN("work"));
        bool good = draft_set(&d, account, "user", span_of(table[i].value), &why);
        assert_int_equal(good, table[i].good);
        assert_int_equal(why.n == 0, table[i].good);
        draft_put(&d, "# head\n", &out);
        scan_init(&scan, buf_span(&out));
        for (enum scan_answer a; (a = scan_next(&scan)) != SCAN_END;) {
            assert_int_not_equal(a, SCAN_BAD);
            if (a != SCAN_KEY)
                continue;
            found = true;
            assert_true(span_equal(scan.value, span_of(table[i].value)));
        }
        assert_int_equal(found, table[i].good);
        draft_free(&d);
        buf_free(&why);
        buf_free(&out);
    }
}

static void names(void **state)
{
    (void)state;
    struct draft d;
    draft_init(&d);
    static const char *const wanted[][2] = {
        {"work", "work"},
        {"Work", "work2"},
        {"work", "work3"},
        {"sendoff", "sendoff2"},
        {"", "account"},
        {"a b]c\n", "abc"},
        {"###", "account2"},
        {"_-x", "x"}, // begins with a letter or a digit
        {"-_", "account3"},
        {"a-very-long-name-for-an-account-of-mine", "a-very-long-name-for-an-acco"},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        assert_string_equal(draft_name(&d, draft_account(&d, span_of(wanted[i][0]))),
                            wanted[i][1]);
    draft_free(&d);
}

static void settings(void **state)
{
    (void)state;
    struct buf why = BUF_INIT(1024), out = BUF_INIT(1 << 16);
    struct draft d;
    draft_init(&d);
    size_t a = draft_account(&d, SPAN("a")), b = draft_account(&d, SPAN("b"));
    assert_true(draft_set(&d, a, "host", SPAN("one.example"), &why));
    assert_true(draft_set(&d, a, "host", SPAN("two.example"), &why));
    assert_true(draft_set(&d, a, "port", SPAN("25"), &why));
    assert_true(draft_set(&d, b, "port", SPAN("26"), &why));
    draft_set_password(&d, a, SPAN("swordfish"));
    draft_inherit(&d, a, b);
    assert_string_equal(draft_get(&d, b, "host"), "two.example");
    assert_string_equal(draft_get(&d, b, "port"), "26");
    assert_string_equal(draft_password(&d, b), "swordfish");
    assert_false(draft_set(&d, a, "port", SPAN("66000"), &why));
    assert_false(draft_set(&d, a, "domain", SPAN("x.example"), &why));
    assert_false(draft_set(&d, DRAFT_GLOBAL, "host", SPAN("x.example"), &why));
    assert_string_equal(draft_get(&d, a, "port"), "25");
    assert_true(draft_set(&d, a, "port", SPAN(""), &why));
    draft_drop(&d, b);
    draft_put(&d, "", &out);
    assert_null(strstr(buf_str(&out), "port"));
    assert_null(strstr(buf_str(&out), "[b]"));
    assert_null(strstr(buf_str(&out), "swordfish"));
    assert_non_null(strstr(buf_str(&out), "host = two.example\n"));
    draft_note(&d, "file\n", 7, "%s", "what\033 is it");
    assert_string_equal(buf_str(&d.notes), "file :7: what? is it\n");
    draft_free(&d);
    buf_free(&why);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_back),
        cmocka_unit_test(names),
        cmocka_unit_test(settings),
    };
    return cmocka_run_group_tests_name("draft", tests, NULL, NULL);
}
