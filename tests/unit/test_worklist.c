// SPDX-License-Identifier: ISC
// links: sendoff
// The list of a pass over a real spool, while others move things in it.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sendoff/spools/worklist.h"
#include "unit/mail.h"

static struct worklist list;

static void add(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "spool/%s", name);
    assert_int_equal(tree_text(path, "x"), 0);
}

static void move(const char *from, const char *to)
{
    char a[256], b[256];
    snprintf(a, sizeof a, "spool/%s", from);
    snprintf(b, sizeof b, "spool/%s", to);
    assert_int_equal(rename(tree_path(a), tree_path(b)), 0);
}

static void fill(void)
{
    static const enum maildir_place places[] = {MAILDIR_NEW, MAILDIR_CUR};
    assert_int_equal(worklist_fill(&list, &mail, places, 2), 0);
}

// What is left of the list: "new/1 cur/2 ".
static void assert_next(const char *want)
{
    struct buf names = BUF_INIT(4096);
    enum maildir_place place;
    const char *name;
    while (worklist_next(&list, &place, &name))
        buf_printf(&names, "%s/%s ", place == MAILDIR_NEW ? "new" : "cur", name);
    assert_string_equal(buf_str(&names), want);
    assert_int_equal(worklist_left(&list), 0);
    buf_free(&names);
}

static void test_oldest_first(void **state)
{
    (void)state;
    fill();
    assert_next("");
    worklist_free(&list);
    add("new/300.c");
    add("cur/200.b:2,S");
    add("new/100.a");
    add("new/.hidden");
    add("new/not a message");
    fill();
    assert_int_equal(worklist_left(&list), 3);
    assert_next("new/100.a cur/200.b:2,S new/300.c ");
    worklist_add(&list, MAILDIR_CUR, "050.z");
    assert_int_equal(worklist_left(&list), 1);
    assert_next("cur/050.z ");
    worklist_free(&list);
}

// What came meanwhile comes behind, once, and not what was seen under another place or flags.
static void test_more(void **state)
{
    (void)state;
    add("new/200");
    add("cur/100:2,");
    fill();
    assert_false(worklist_more(&list, &mail));
    add("new/400");
    add("new/300");
    add("new/100"); // back from cur
    add("new/500");
    worklist_know(&list, "500"); // our own report
    assert_true(worklist_more(&list, &mail));
    assert_next("cur/100:2, new/200 new/300 new/400 ");
    assert_false(worklist_more(&list, &mail));
    assert_next("");
    add("new/600");
    assert_true(worklist_more(&list, &mail));
    assert_next("new/600 ");
    worklist_free(&list);
}

// A mail reader moves all of new/ at once, and gives it flags.
static void test_follow(void **state)
{
    (void)state;
    enum maildir_place place;
    const char *name;
    add("new/100");
    add("new/200");
    add("cur/300:2,S");
    fill();
    assert_false(worklist_follow(&list, &mail));
    move("new/100", "cur/100:2,S");
    move("new/200", "tmp/200");
    for (int i = 0; i < 3; i++) {
        assert_true(worklist_next(&list, &place, &name));
        worklist_gone(&list); // of the one in cur/ nobody is told where it went
    }
    assert_true(worklist_follow(&list, &mail));
    assert_next("cur/100:2,S ");
    assert_false(worklist_follow(&list, &mail));
    assert_false(worklist_more(&list, &mail));
    worklist_free(&list);
}

// Names that begin alike are told apart.
static void test_prefixes(void **state)
{
    (void)state;
    add("new/10");
    add("new/100");
    fill();
    add("new/1");
    add("new/1000");
    assert_true(worklist_more(&list, &mail));
    assert_next("new/10 new/100 new/1 new/1000 ");
    worklist_free(&list);
}

#define IN_SPOOL(test) cmocka_unit_test_setup_teardown(test, mail_setup, mail_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_oldest_first),
        IN_SPOOL(test_more),
        IN_SPOOL(test_follow),
        IN_SPOOL(test_prefixes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
