// SPDX-License-Identifier: ISC
// links: sendoff
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "sendoff/check/example.h"

static void lines(void **state)
{
    (void)state;
    static char user[] = "me@isp.example", name[] = "me", none[] = "", odd[] = "%u.@%h",
                pattern[] = "me+%u.%h@isp.example";
    static const struct {
        uint64_t sender, null_sender;
        char *user, *from;
        const char *domain, *line;
        bool good;
    } table[] = {
        {SENDER_KEEP, NULL_SENDER_KEEP, user, none, "host.example",
         "keep: root@host.example stays", true},
        {SENDER_KEEP, NULL_SENDER_KEEP, user, none, "", "keep: root stays", true},
        {SENDER_QUALIFY, NULL_SENDER_KEEP, name, none, "host.example",
         "qualify: root@host.example stays", true},
        {SENDER_QUALIFY, NULL_SENDER_KEEP, name, none, "",
         "qualify: root has no domain, and none is known here: set `domain` in [sendoff]",
         false},
        {SENDER_FORCE, NULL_SENDER_KEEP, user, none, "host.example",
         "force: root@host.example -> me@isp.example", true},
        {SENDER_FORCE, NULL_SENDER_KEEP, name, pattern, "",
         "force: root -> me+root.box@isp.example", true},
        {SENDER_FORCE, NULL_SENDER_REWRITE, user, none, "host.example",
         "force: root@host.example -> me@isp.example, <> -> me@isp.example", true},
        {SENDER_FORCE, NULL_SENDER_KEEP, user, none, "isp.example",
         "force: root@isp.example -> me@isp.example", true},
        {SENDER_KEEP, NULL_SENDER_REWRITE, user, none, "host.example",
         "keep: root@host.example stays, <> -> me@isp.example", true},
        {SENDER_FORCE, NULL_SENDER_KEEP, user, odd, "host.example",
         "force: root@host.example -> \"root.\"@box", true},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct config c = {.null_sender = table[i].null_sender};
        struct config_account a = {
            .sender = table[i].sender, .user = table[i].user, .from = table[i].from};
        struct buf out = BUF_INIT(1000);
        bool good = example_put(&c, &a, SPAN("root"), SPAN("box"), span_of(table[i].domain),
                                &out);
        assert_string_equal(buf_str(&out), table[i].line);
        assert_int_equal(good, table[i].good);
        buf_free(&out);
    }
}

static void no_address(void **state)
{
    (void)state;
    static char none[] = "", from[] = "%u@%h";
    struct config c = {0};
    struct config_account a = {.sender = SENDER_FORCE, .user = none, .from = from};
    struct buf out = BUF_INIT(1000);
    assert_false(example_put(&c, &a, SPAN("root"), SPAN(""), SPAN(""), &out));
    assert_string_equal(buf_str(&out),
                        "force: '%u@%h' makes no address for this user and host");
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),
        cmocka_unit_test(no_address),
    };
    return cmocka_run_group_tests_name("example", tests, NULL, NULL);
}
