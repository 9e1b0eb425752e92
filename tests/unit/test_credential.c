// SPDX-License-Identifier: ISC
// links: submit
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "submit/secret/credential.h"

static char none[] = "", path[] = "/p";

static void test_which(void **state)
{
    static const struct {
        struct config_account account;
        const char *key;
        bool command, token;
    } table[] = {
        {{.password_file = path}, "password_file", false, false},
        {{.password_command = path}, "password_command", true, false},
        {{.token_file = path}, "token_file", false, true},
        {{.token_command = path}, "token_command", true, true},
        {{.password_file = NULL}, NULL, false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct config_account a = table[i].account;
        char **all[] = {&a.password_file, &a.password_command, &a.token_file, &a.token_command};
        for (size_t k = 0; k < sizeof all / sizeof *all; k++)
            *all[k] = *all[k] ? *all[k] : none;
        struct credential c = credential_of(&a);
        assert_int_equal(c.key != NULL, table[i].key != NULL);
        if (c.key)
            assert_string_equal(c.key, table[i].key);
        assert_string_equal(c.value, c.key ? path : none);
        assert_int_equal(c.command, table[i].command);
        assert_int_equal(c.token, table[i].token);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_which)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
