// SPDX-License-Identifier: ISC
// links: sendoff
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>

#include "base/diag.h"
#include "sendoff/pass/addressee.h"
#include "unit/tree.h"

static char aliases[512], nothing[] = "", bounce_to[] = "postmaster@admin.example",
                          local_to[] = "local@admin.example", from[] = "me+%u@isp.example";
static struct config config;
static struct config_account account;
static struct addressee addressee;

static int setup(void **state)
{
    if (tree_setup(state) ||
        tree_text("aliases", "root: admin@admin.example\nlist: a@admin.example, "
                             "b@admin.example, stray\nloop: loop\n"))
        return -1;
    snprintf(aliases, sizeof aliases, "%s", tree_path("aliases"));
    diag_log_to(DIAG_NONE);
    config = (struct config){.aliases = aliases, .local_to = nothing, .bounce_to = nothing};
    account = (struct config_account){.from = nothing, .user = nothing};
    addressee = (struct addressee){.config = &config,
                                   .account = &account,
                                   .domain = SPAN("client.example"),
                                   .login = SPAN("carl"),
                                   .host = SPAN("box")};
    return 0;
}

// Who it is, parted by blanks; "" for nobody.
static void expect_of(bool (*find)(const struct addressee *a, struct envelope *to),
                      const char *sender, const char *want)
{
    struct envelope to;
    struct buf got = BUF_INIT(4096);
    envelope_init(&to);
    bool found = find ? find(&addressee, &to)
                      : addressee_find(&addressee, span_of(sender), &to);
    for (size_t i = 0; found && i < envelope_count(&to); i++)
        buf_printf(&got, "%s%s", i ? " " : "", envelope_address(&to, i));
    assert_int_equal(found, *want != '\0');
    assert_string_equal(buf_str(&got), want);
    buf_free(&got);
    envelope_free(&to);
}

static void expect(const char *sender, const char *want)
{
    expect_of(NULL, sender, want);
}

static void test_sender(void **state)
{
    (void)state;
    static const struct {
        const char *sender, *plain, *with_local_to;
    } table[] = {
        {"ada@example.org", "ada@example.org", "ada@example.org"},
        {"root", "admin@admin.example", "admin@admin.example"},
        {"ROOT", "admin@admin.example", "admin@admin.example"},
        {"list", "a@admin.example b@admin.example stray@client.example",
         "a@admin.example b@admin.example local@admin.example"},
        {"nobody", "nobody@client.example", "local@admin.example"},
        {"loop", "loop@client.example", "local@admin.example"},
        // Completed at injection.
        {"root@client.example", "admin@admin.example", "admin@admin.example"},
        {"root@CLIENT.example", "admin@admin.example", "admin@admin.example"},
        {"carl@client.example", "carl@client.example", "local@admin.example"},
        {"ada@client.example", "ada@client.example", "ada@client.example"},
        {"root@x.client.example", "root@x.client.example", "root@x.client.example"},
        {"@client.example", "@client.example", "@client.example"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        config.local_to = nothing;
        expect(table[i].sender, table[i].plain);
        config.local_to = local_to;
        expect(table[i].sender, table[i].with_local_to);
        config.bounce_to = bounce_to; // is not needed
        expect(table[i].sender, table[i].with_local_to);
        config.bounce_to = nothing;
    }
}

static void test_no_domain(void **state)
{
    (void)state;
    addressee.domain = SPAN("");
    expect("nobody", "");
    expect("root", "admin@admin.example");
    expect("list", "a@admin.example b@admin.example");
    expect("ada@example.org", "ada@example.org");
    config.bounce_to = bounce_to;
    expect("nobody", bounce_to);
    config.local_to = local_to;
    expect("nobody", local_to);
}

// HAZARDS 29: who could not send as that address can not have it written to.
static void test_forced(void **state)
{
    (void)state;
    account.sender = SENDER_FORCE;
    account.from = from;
    expect("victim@elsewhere.example", "me+carl@isp.example");
    expect("carl@client.example", "me+carl@isp.example");
    expect("nobody", "me+carl@isp.example");
    expect("root", "admin@admin.example"); // the admin's own word
    config.bounce_to = bounce_to;
    expect("victim@elsewhere.example", bounce_to);
    expect("nobody", bounce_to);
    expect("root", "admin@admin.example");
    config.bounce_to = nothing;
    account.from = nothing; // which no config has that is good
    expect("victim@elsewhere.example", "");
}

static void test_user(void **state)
{
    (void)state;
    expect_of(addressee_user, NULL, "carl@client.example");
    config.local_to = local_to;
    expect_of(addressee_user, NULL, local_to);
    addressee.login = SPAN("root");
    expect_of(addressee_user, NULL, "admin@admin.example");
    config.bounce_to = bounce_to;
    expect_of(addressee_user, NULL, bounce_to);
    config.bounce_to = config.local_to = nothing;
    addressee.domain = SPAN("");
    addressee.login = SPAN("uid1000");
    expect_of(addressee_user, NULL, "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, tree_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sender),
        TEST(test_no_domain),
        TEST(test_forced),
        TEST(test_user),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
