// SPDX-License-Identifier: ISC
// links: sendoff
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sendoff/setup/setupfind.h"

static void lines(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool good, within;
    } table[] = {
        {"mx.example.org 465 implicit within", true, true},
        {"mx.example.org 587 starttls outside", true, false},
        {"mx.example.org 587 starttls odd", true, false},
        {"mx.example.org 587 starttls", false, false},
        {"mx.example.org 587 none within", false, false},
        {"mx.example.org 70000 starttls within", false, false},
        {"mx.example.org x starttls within", false, false},
        {"mx;rm 587 starttls within", false, false},
        {"", false, false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct setup_found f;
        assert_int_equal(setupfind_line(span_of(table[i].line), &f), table[i].good);
        if (table[i].good)
            assert_int_equal(f.within, table[i].within);
    }
}

// Who takes the domain's mail in.
static void exchangers(void **state)
{
    (void)state;
    static const struct {
        const char *line, *name;
    } table[] = {
        {"mx aspmx.l.google.com", "google-workspace"},
        {"mx corp.mail.protection.outlook.com", "microsoft"},
        {"mx mx.corp.example", NULL},
        {"mx", NULL},
        {"mx ;.google.com", NULL},
        {"mx aspmx.l.google.com more", NULL},
        {"aspmx.l.google.com 465 implicit within", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct span host;
        const struct provider *p = setupfind_provider(span_of(table[i].line), &host);
        assert_string_equal(p ? p->name : "none", table[i].name ? table[i].name : "none");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),
        cmocka_unit_test(exchangers),
    };
    return cmocka_run_group_tests_name("setupfind", tests, NULL, NULL);
}
