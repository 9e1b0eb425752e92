// SPDX-License-Identifier: ISC
// links: sendoff
// wraps: spools_find config_account_dir
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/file.h>
#include <sysexits.h>
#include <unistd.h>

#include "sendoff/queue/listing.h"
#include "sendoff/spools/spools.h"
#include "spool/lock.h"
#include "unit/mail.h"

static char account_key[] = "";
static struct config_account account = {.name = "work"};
static struct config config;
static struct listing listing;
static struct buf seen; // "ID:word reason next-in-seconds" of each, parted by ';'

void __wrap_spools_find(struct spools *s, const struct config *c);
bool __wrap_config_account_dir(const struct config *c, struct buf *out);

void __wrap_spools_find(struct spools *s, const struct config *c)
{
    (void)c;
    struct identity self = {geteuid(), getegid()};
    *s = (struct spools){0};
    spools_add(s, tree_path("nowhere"), &self);
    spools_add(s, tree_path("spool"), &self);
}

bool __wrap_config_account_dir(const struct config *c, struct buf *out)
{
    (void)c;
    buf_puts(out, tree_path("account"));
    return true;
}

static int setup(void **state)
{
    config = (struct config){.account = account_key,
                             .retry_first = 60,
                             .retry_longest = 3600,
                             .accounts = &account,
                             .n_accounts = 1};
    seen = (struct buf)BUF_INIT(65536);
    return mail_setup(state);
}

static int teardown(void **state)
{
    buf_free(&seen);
    return mail_teardown(state);
}

static void note(const struct listing *l, const struct listed *one, void *context)
{
    assert_ptr_equal(context, &seen);
    buf_printf(&seen, "%s%.*s:%s%s%s%s", seen.n ? ";" : "", SPAN_ARGS(entry_id(one->entry)),
               listed_word(one->state), one->rests ? " rests" : "", *one->reason ? " " : "",
               one->reason);
    if (one->rests)
        assert_true(one->next >= l->account.not_before);
}

static void expect(const char *want)
{
    struct buf why = BUF_INIT(1000);
    buf_clear(&seen);
    assert_int_equal(listing_run(&listing, &config, note, &seen, &why), 0);
    assert_string_equal(buf_str(&seen), want);
    buf_free(&why);
}

static void mark(enum maildir_place place, const char *name, enum verdict verdict)
{
    struct entry e;
    struct outcome o = {.verdict = verdict};
    assert_int_equal(entry_open(&e, &mail, place, name, true), ENTRY_OPEN);
    for (size_t i = 0; i < envelope_count(&e.block.envelope); i++)
        assert_int_equal(entry_mark(&e, i, &o), 0);
    entry_close(&e);
}

static void make(const char *name)
{
    assert_int_equal(mail_write(name, 2, "hello\n"), 0);
}

static void test_states(void **state)
{
    (void)state;
    expect("");
    assert_true(listing.oldest == INT64_MAX && listing.messages == 0);
    make("new/A1");
    make("cur/A2:2,HS");
    make("cur/A3:2,T");
    make(".failed/cur/A4:2,S");
    make("cur/A5:2,S");
    mark(MAILDIR_CUR, "A5:2,S", VERDICT_FAILED);
    make("new/A6");
    mark(MAILDIR_NEW, "A6", VERDICT_DELIVERED);
    assert_int_equal(tree_text("spool/new/A7", "nothing of ours\n"), 0);
    expect("A1:waiting;A2:held;A4:failed;A5:failed;A7:broken no message of ours, or not whole");
    assert_int_equal(listing.messages, 5);
    assert_int_equal(listing.octets, 4 * 6);
    assert_int_equal(listing.count[LISTED_FAILED], 2);
    assert_true(listing.oldest <= listing.now);
}

// What a pass holds is being sent; a lock of somebody else's, while no pass is at work, is not.
static void test_claimed(void **state)
{
    (void)state;
    make("new/A1");
    make("new/A2");
    int fd = open(tree_path("spool/new/A1"), O_RDONLY | O_CLOEXEC);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    expect("A1:waiting;A2:waiting");
    int lock = lock_take(mail.root, LOCK_NAME);
    assert_true(lock >= 0);
    expect("A1:claimed;A2:waiting");
    close(lock);
    close(fd);
}

static void test_account_rests(void **state)
{
    (void)state;
    struct account a;
    struct schedule s = {.first = 60, .longest = 3600};
    struct outcome refused = {.text = "connect: refused"};
    make("new/A1");
    make("cur/A2:2,H");
    assert_int_equal(account_open(&a, tree_path("account"), "work"), ACCOUNT_OPEN);
    account_failed(&a, &s, (int64_t)time(NULL) * 1000000, 0, &refused);
    account_close(&a);
    expect("A1:waiting rests connect: refused;A2:held");
    assert_int_equal(account_open(&a, tree_path("account"), "work"), ACCOUNT_OPEN);
    account_stood(&a);
    account_close(&a);
    expect("A1:waiting;A2:held");
}

static void test_foreign_spool(void **state)
{
    (void)state;
    struct buf why = BUF_INIT(1000);
    assert_int_equal(chmod(tree_path("spool"), 0777), 0);
    assert_int_equal(listing_run(&listing, &config, note, &seen, &why), EX_TEMPFAIL);
    assert_non_null(strstr(buf_str(&why), "not a directory of the user's own"));
    buf_free(&why);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        EACH(test_states),
        EACH(test_claimed),
        EACH(test_account_rests),
        EACH(test_foreign_spool),
    };
    return cmocka_run_group_tests_name("listing", tests, NULL, NULL);
}
