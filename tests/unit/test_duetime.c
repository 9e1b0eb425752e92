// SPDX-License-Identifier: ISC
// links: sendoff
// wraps: config_spool config_other_spool config_spool_root config_account_dir
// When there is something to do again: file times of a real spool, and an account's memory.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/settings.h"
#include "sendoff/bell/duetime.h"
#include "spool/account.h"
#include "unit/mail.h"

enum { SECOND = 1000000 };

static struct config config;
static const int64_t now = INT64_C(1795357046) * SECOND;

bool __wrap_config_spool(const struct config *c, struct buf *out);
bool __wrap_config_other_spool(const struct config *c, struct buf *out);
bool __wrap_config_spool_root(const struct config *c, struct buf *out);
bool __wrap_config_account_dir(const struct config *c, struct buf *out);

bool __wrap_config_spool(const struct config *c, struct buf *out)
{
    (void)c;
    buf_puts(out, tree_path("spool"));
    return true;
}

bool __wrap_config_other_spool(const struct config *c, struct buf *out)
{
    (void)c, (void)out;
    return false;
}

bool __wrap_config_spool_root(const struct config *c, struct buf *out)
{
    (void)c, (void)out;
    return false;
}

bool __wrap_config_account_dir(const struct config *c, struct buf *out)
{
    (void)c;
    buf_puts(out, tree_path("account"));
    return true;
}

// A message whose next attempt is so many seconds from now.
static void add(const char *name, int seconds)
{
    char path[256];
    snprintf(path, sizeof path, "spool/%s", name);
    assert_int_equal(tree_text(path, "x"), 0);
    const struct timespec time = {.tv_sec = now / SECOND + seconds};
    const struct timespec times[2] = {time, time};
    assert_int_equal(utimensat(AT_FDCWD, tree_path(path), times, 0), 0);
}

static int64_t due_in(void)
{
    int64_t when = duetime(&config, now);
    return when == INT64_MAX ? -1 : (when - now) / SECOND;
}

static void test_messages(void **state)
{
    (void)state;
    assert_int_equal(due_in(), -1);
    add("new/100", -5);
    add("new/200", 0);
    assert_int_equal(due_in(), -1); // a pass has just seen those
    add("new/300", 90);
    assert_int_equal(due_in(), 90);
    add("cur/400:2,S", 60);
    assert_int_equal(due_in(), 60);
    add("tmp/500", 1);
    add(".failed/new/600", 1);
    add("new/.hidden", 1);
    assert_int_equal(mkdir(tree_path("spool/new/700"), 0700), 0);
    assert_int_equal(due_in(), 60);
}

// The account rests: then that counts, whichever is first.
static void test_account(void **state)
{
    (void)state;
    static const struct schedule pauses = {.first = 300, .longest = 3600};
    const struct outcome trouble = {.verdict = VERDICT_DEFERRED, .scope = SCOPE_SESSION};
    struct account a;
    assert_int_equal(account_open(&a, tree_path("account"), "smarthost"), ACCOUNT_OPEN);
    account_failed(&a, &pauses, now, 0, &trouble);
    int64_t rest = (a.not_before - now) / SECOND;
    account_close(&a);
    assert_true(rest > 60 && rest < 3600);
    assert_int_equal(due_in(), rest);
    add("new/100", 30);
    assert_int_equal(due_in(), 30);
    add("new/100", 5000);
    assert_int_equal(due_in(), rest);
    // That of another one does not.
    assert_int_equal(rename(tree_path("account/smarthost"), tree_path("account/other")), 0);
    assert_int_equal(due_in(), 5000);
}

static int config_setup(void **state)
{
    settings_init(&config);
    settings_add_account(&config, SPAN("smarthost"));
    config.parsed = true;
    config.mode = CONFIG_PERSONAL;
    return mail_setup(state);
}

static int config_teardown(void **state)
{
    config_free(&config);
    return mail_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_messages, config_setup, config_teardown),
        cmocka_unit_test_setup_teardown(test_account, config_setup, config_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
