// SPDX-License-Identifier: ISC
// links: sendoff
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "sendoff/setup/draft.h"
#include "sendoff/setup/providers.h"

// Each row makes a config that the table of options takes.
static void rows_are_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < provider_count; i++) {
        const struct provider *p = &provider_table[i];
        struct buf why = BUF_INIT(1024);
        struct draft d;
        char port[16];
        draft_init(&d);
        size_t account = draft_account(&d, span_of(p->name));
        snprintf(port, sizeof port, "%u", p->port);
        const char *pairs[][2] = {{"host", p->host},
                                  {"port", port},
                                  {"tls", p->tls},
                                  {"user", p->user},
                                  {"auth", p->auth}};
        for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++)
            if (!draft_set(&d, account, pairs[k][0], span_of(pairs[k][1]), &why))
                fail_msg("%s: %s: %s", p->name, pairs[k][0], buf_str(&why));
        assert_true(*p->title && *p->tls);
        assert_int_equal(p->port == 465, strcmp(p->tls, "implicit") == 0);
        assert_ptr_equal(provider_named(span_of(p->name)), p);
        draft_free(&d);
        buf_free(&why);
    }
}

// No domain is two providers'.
static void domains_are_one_s(void **state)
{
    (void)state;
    for (size_t i = 0; i < provider_count; i++) {
        struct span rest = span_of(provider_table[i].domains), word;
        while (span_word(&rest, &word))
            assert_ptr_equal(provider_of_domain(word), &provider_table[i]);
    }
    assert_string_equal(provider_of_domain(SPAN("GMail.com"))->host, "smtp.gmail.com");
    assert_string_equal(provider_named(SPAN("Microsoft"))->auth, "XOAUTH2");
    assert_null(provider_of_domain(SPAN("gmail.com.example")));
    assert_null(provider_of_domain(SPAN("")));
    assert_null(provider_named(SPAN("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_good),
        cmocka_unit_test(domains_are_one_s),
    };
    return cmocka_run_group_tests_name("providers", tests, NULL, NULL);
}
