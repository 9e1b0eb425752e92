// SPDX-License-Identifier: ISC
// links: sendoff
// wraps: config_spool config_other_spool config_spool_root getpwuid getpwnam
// Which spools a command serves. Where there is no root, or no other uid, some of it is
// skipped.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pwd.h>

#include "sendoff/spools/spools.h"
#include "unit/tree.h"

static const struct config config;
static bool has_root; // a root of the system's spools

bool __wrap_config_spool(const struct config *c, struct buf *out);
bool __wrap_config_other_spool(const struct config *c, struct buf *out);
bool __wrap_config_spool_root(const struct config *c, struct buf *out);
struct passwd *__wrap_getpwuid(uid_t uid);
struct passwd *__wrap_getpwnam(const char *name);

bool __wrap_config_spool(const struct config *c, struct buf *out)
{
    (void)c;
    buf_printf(out, "%s/%u", tree_path("root"), (unsigned)geteuid());
    return true;
}

bool __wrap_config_other_spool(const struct config *c, struct buf *out)
{
    (void)c;
    buf_puts(out, tree_path("personal"));
    return true;
}

bool __wrap_config_spool_root(const struct config *c, struct buf *out)
{
    (void)c;
    buf_puts(out, has_root ? tree_path("root") : "");
    return has_root;
}

// passwd knows 1000 to 1999; the drop is 1500.
struct passwd *__wrap_getpwuid(uid_t uid)
{
    static struct passwd user;
    user = (struct passwd){.pw_uid = uid, .pw_gid = uid + 1};
    return uid >= 1000 && uid < 2000 ? &user : NULL;
}

struct passwd *__wrap_getpwnam(const char *name)
{
    return strcmp(name, "sendoff-drop") == 0 ? __wrap_getpwuid(1500) : NULL;
}

static void make(const char *name, uid_t owner)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", tree_path("root"), name);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(chown(path, owner, owner), 0);
}

static int setup(void **state)
{
    has_root = true;
    return tree_setup(state) || mkdir(tree_path("root"), 0755);
}

static void expect_place(const struct place *p, const char *path, uid_t uid)
{
    assert_string_equal(buf_str(&p->path), tree_path(path));
    assert_int_equal(p->owner.uid, uid);
}

static void test_own(void **state)
{
    (void)state;
    struct spools s;
    has_root = false;
    spools_find(&s, &config);
    assert_int_equal(s.n, 2);
    assert_int_equal(s.root, -1);
    expect_place(&s.place[1], "personal", geteuid());
    assert_int_equal(s.place[0].above, -1);
    assert_false(s.place[0].drop);
    spools_free(&s);
}

static void test_all(void **state)
{
    (void)state;
    struct spools s;
    if (!identity_may_change())
        skip();
    make("0", 0);
    make("1900", 1900);
    make("1500", 1500);
    make("1000", 1000);
    make("1001", 1000); // squatted
    make("01002", 1002);
    make("1003x", 1003);
    make("54321", 54321);
    make("4000000000", 4000000000);
    assert_int_equal(tree_write("root/1004", "x", 1), 0);
    assert_int_equal(symlink("1000", tree_path("root/1005")), 0);
    spools_find(&s, &config);
    assert_int_equal(s.n, 5);
    expect_place(&s.place[0], "root/0", 0);
    expect_place(&s.place[1], "personal", 0);
    expect_place(&s.place[2], "root/1000", 1000);
    expect_place(&s.place[3], "root/1500", 1500);
    expect_place(&s.place[4], "root/1900", 1900);
    assert_int_equal(s.place[2].owner.gid, 1001);
    assert_int_equal(s.place[2].above, s.root);
    assert_false(s.place[2].drop);
    assert_true(s.place[3].drop);
    assert_int_equal(s.strangers, 2);
    assert_true(strcmp(buf_str(&s.strange), "54321, 4000000000") == 0 ||
                strcmp(buf_str(&s.strange), "4000000000, 54321") == 0);
    spools_free(&s);
}

static bool count_one(void *with, const char *name, uid_t uid)
{
    unsigned *sum = with;
    char text[32];
    snprintf(text, sizeof text, "%u", (unsigned)uid);
    assert_string_equal(text, name);
    return ++*sum < 3;
}

static void test_walk(void **state)
{
    (void)state;
    static const char *const names[] = {
        "0", "7", "4294967294", "4294967295", "4294967296", "00", "-1", "1.", " 1", "0x1", "x",
    };
    unsigned sum = 0;
    int dir = open(tree_path("root"), O_RDONLY | O_DIRECTORY);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(mkdirat(dir, names[i], 0700), 0);
    assert_int_equal(spools_walk(dir, count_one, &sum), 0);
    assert_int_equal(sum, 3); // and no more than it asks for
    close(dir);
    assert_int_equal(spools_walk(dir, count_one, &sum), -1);
}

// Its owner's own, and nobody's else.
static void test_open(void **state)
{
    (void)state;
    static const struct identity owner = {1000, 1000};
    struct spools s = {0};
    struct maildir m;
    if (!identity_may_change())
        skip();
    assert_int_equal(chmod(tree_root, 0755), 0);
    make("1000", 1000);
    make("1000/tmp", 1000);
    make("1000/new", 1000);
    spools_add(&s, tree_path("root/1000"), &owner);
    s.place[0].above = open(tree_path("root"), O_RDONLY | O_DIRECTORY);
    assert_int_equal(spools_open(&s.place[0], &m), MAILDIR_OPEN);
    assert_int_equal(geteuid(), 0);
    maildir_close(&m);
    assert_int_equal(chown(tree_path("root/1000/new"), 1001, 1001), 0);
    assert_int_equal(spools_open(&s.place[0], &m), MAILDIR_FOREIGN);
    maildir_close(&m);
    s.place[0].owner.uid = 1001;
    assert_int_equal(spools_open(&s.place[0], &m), MAILDIR_FOREIGN);
    maildir_close(&m);
    buf_puts(&s.place[0].path, "0");
    assert_int_equal(spools_open(&s.place[0], &m), MAILDIR_TROUBLE);
    assert_int_equal(errno, ENOENT);
    maildir_close(&m);
    assert_int_equal(geteuid(), 0);
    close(s.place[0].above);
    spools_free(&s);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, tree_teardown)
    const struct CMUnitTest tests[] = {EACH(test_own), EACH(test_all), EACH(test_walk),
                                       EACH(test_open)};
    return cmocka_run_group_tests_name("spools", tests, NULL, NULL);
}
