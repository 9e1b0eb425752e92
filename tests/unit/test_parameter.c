// SPDX-License-Identifier: ISC
// links: message
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "message/parameter.h"

static void test_find(void **state)
{
    (void)state;
    static const struct {
        const char *options, *name, *value; // NULL: none
    } table[] = {
        {"", "RET", NULL},
        {"RET=FULL", "RET", "FULL"},
        {"ret=FULL", "RET", "FULL"},
        {"RET=FULL ENVID=id", "ENVID", "id"},
        {"RET=FULL  ENVID=id", "ENVID", "id"},
        {"ENVID=a=b", "ENVID", "a=b"},
        {"RET=", "RET", ""},
        {"RET", "RET", ""},
        {"RETURN=FULL", "RET", NULL},
        {"XRET=FULL", "RET", NULL},
        {"SMTPUTF8 RET=HDRS RET=FULL", "RET", "HDRS"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct span value;
        bool found = parameter_find(table[i].options, span_of(table[i].name), &value);
        if (found != (table[i].value != NULL) ||
            (found && !span_equal(value, span_of(table[i].value))))
            fail_msg("%s in '%s'", table[i].name, table[i].options);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_find)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
