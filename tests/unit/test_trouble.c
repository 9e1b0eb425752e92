// SPDX-License-Identifier: ISC
// links: submit
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "submit/trouble.h"

// It judges no message, and each kind is told from all others by its status.
static void test_kinds(void **state)
{
    (void)state;
    static const enum trouble_kind kinds[] = {
#define KIND(name, subject, detail) name,
        TROUBLE_KINDS(KIND)
#undef KIND
    };
    size_t n = sizeof kinds / sizeof *kinds;
    for (size_t i = 0; i < n; i++) {
        struct outcome o;
        trouble_set(&o, kinds[i], "phase %d: %s", 2, "why");
        assert_int_equal(o.verdict, VERDICT_DEFERRED);
        assert_int_equal(o.scope, SCOPE_SESSION);
        assert_int_equal(o.code, 0);
        assert_int_equal(o.status[0], 4);
        assert_false(o.doubt);
        assert_string_equal(o.text, "phase 2: why");
        for (size_t j = 0; j < n; j++)
            assert_int_equal(trouble_is(&o, kinds[j]), i == j);
        assert_int_equal(outcome_is_barred(&o), kinds[i] == TROUBLE_ROUTE);
        o.code = 421; // the server's own words are no kind of ours
        assert_false(trouble_is(&o, kinds[i]));
    }
}

static void test_text_is_clean_and_short(void **state)
{
    (void)state;
    struct outcome o;
    char words[4096];
    memset(words, 'x', sizeof words - 1);
    words[sizeof words - 1] = '\0';
    trouble_set(&o, TROUBLE_TLS, "%s", words);
    assert_int_equal(strlen(o.text), OUTCOME_TEXT_MAX);
    trouble_set(&o, TROUBLE_TLS, "a\r\nb\x1b[31m");
    for (const char *p = o.text; *p; p++)
        assert_false(text_is_control(*p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_text_is_clean_and_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
