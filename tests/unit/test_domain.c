// SPDX-License-Identifier: ISC
// links: config

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/domain.h"

static void test_mailname(void **state)
{
    (void)state;
    static const struct {
        const char *text, *domain; // NULL: none
    } table[] = {
        {"", NULL},
        {"\n \n", NULL},
        {"example.org", "example.org"},
        {"example.org\n", "example.org"},
        {"# ours\n\n  example.org \r\nother.org\n", "example.org"},
        {"two words\nexample.org\n", NULL},
        {"a@b\n", NULL},
        {"host\n", "host"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf out = BUF_INIT(1024);
        assert_int_equal(domain_of_mailname(span_of(table[i].text), &out), !!table[i].domain);
        assert_string_equal(buf_str(&out), table[i].domain ? table[i].domain : "");
        buf_free(&out);
    }
}

static void test_hosts(void **state)
{
    (void)state;
    static const struct {
        const char *text, *domain;
    } table[] = {
        {"", NULL},
        {"127.0.0.1 localhost\n", NULL},
        {"127.0.0.1 localhost.localdomain localhost box\n", NULL},
        {"127.0.0.1 localhost\n127.0.1.1\tbox.example.org box\n", "box.example.org"},
        {"127.0.1.1 box Box.Example.org", "Box.Example.org"},
        {"::1 box.example.org\r\n", "box.example.org"},
        {"# 127.0.1.1 box.example.org\n", NULL},
        {"127.0.1.1 box # box.example.org\n", NULL},
        {"box.example.org other\n", NULL}, // that is the address
        {"127.0.1.1 boxes.example.org box.\n", NULL},
        {"127.0.1.1 box.ex@mple\n127.0.1.2 box.two.org\n", "box.two.org"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf out = BUF_INIT(1024);
        bool found = domain_of_hosts(span_of(table[i].text), SPAN("box"), &out);
        if (found != !!table[i].domain)
            fail_msg("row %zu: %s", i, buf_str(&out));
        assert_string_equal(buf_str(&out), table[i].domain ? table[i].domain : "");
        buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mailname),
        cmocka_unit_test(test_hosts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
