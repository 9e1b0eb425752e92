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

// By who takes in the mail of a company's domain, its provider is known.
static void exchangers(void **state)
{
    (void)state;
    static const struct {
        const char *host, *name;
    } rows_of[] = {
        {"aspmx.l.google.com", "google-workspace"},
        {"ALT1.ASPMX.L.GOOGLE.COM", "google-workspace"},
        {"smtp.google.com", "google-workspace"},
        {"aspmx2.googlemail.com", "google-workspace"},
        {"corp-example.mail.protection.outlook.com", "microsoft"},
        {"corp-example.a-v1.mx.microsoft", "microsoft"},
        {"in1-smtp.messagingengine.com", "fastmail"},
        {"mx01.mail.icloud.com", "icloud"},
        {"mx2.zoho.com", "zoho-pro"},
        {"mail.protonmail.ch", "proton"},
        {"mx.corp.example", NULL},
        {"notgoogle.com", NULL},
        {"google.com.example", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof rows_of / sizeof *rows_of; i++) {
        const struct provider *p = provider_of_exchanger(span_of(rows_of[i].host));
        assert_string_equal(p ? p->name : "none", rows_of[i].name ? rows_of[i].name : "none");
        assert_true(!p || *p->host);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_good),
        cmocka_unit_test(domains_are_one_s),
        cmocka_unit_test(exchangers),
    };
    return cmocka_run_group_tests_name("providers", tests, NULL, NULL);
}
