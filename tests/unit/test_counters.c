// SPDX-License-Identifier: ISC
// links: spool
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "spool/counters.h"
#include "unit/tree.h"

static void write_text(const char *name, const char *text)
{
    FILE *f = fopen(tree_path(name), "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void test_sums(void **state)
{
    (void)state;
    struct counters c, more = {.sent = 3, .deferred = 1, .sessions = 1, .last_sent = 50};
    assert_false(counters_read(&c, tree_root, "work"));
    assert_int_equal(errno, ENOENT);
    assert_int_equal(c.sent, 0);
    counters_add(tree_root, "work", &more);
    more = (struct counters){.sent = 4, .failed = 2, .troubles = 7, .last_session = 60};
    counters_add(tree_root, "work", &more);
    counters_add(tree_root, "other", &more);
    assert_true(counters_read(&c, tree_root, "work"));
    assert_int_equal(c.sent, 7);
    assert_int_equal(c.deferred, 1);
    assert_int_equal(c.failed, 2);
    assert_int_equal(c.sessions, 1);
    assert_int_equal(c.troubles, 7);
    assert_int_equal(c.last_sent, 50); // a time that is not new stays
    assert_int_equal(c.last_session, 60);
    assert_true(counters_read(&c, tree_root, "other"));
    assert_int_equal(c.sent, 4);
}

static void test_broken_files(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t sent;
    } rows[] = {
        {"", 0},
        {"sent", 0},
        {"sent \n", 0},
        {"sent x\n", 0},
        {"sent -1\n", 0},
        {"sent 99999999999999999999999\n", 0},
        {"sent 12", 12},
        {"tnes 9\nsent 12 34\n\n", 12},
        {"\xff\xff\nsent 12\n", 12},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct counters c, more = {.sent = 1};
        write_text(".odd.count", rows[i].text);
        assert_true(counters_read(&c, tree_root, "odd"));
        assert_int_equal(c.sent, rows[i].sent);
        counters_add(tree_root, "odd", &more);
        assert_true(counters_read(&c, tree_root, "odd"));
        assert_int_equal(c.sent, rows[i].sent + 1);
        assert_int_equal(c.failed, 0);
    }
}

// What is no file of ours is not followed, and not waited for.
static void test_in_the_way(void **state)
{
    (void)state;
    struct counters c, more = {.sent = 1};
    write_text("theirs", "sent 5\n");
    assert_int_equal(symlink("theirs", tree_path(".link.count")), 0);
    assert_false(counters_read(&c, tree_root, "link"));
    counters_add(tree_root, "link", &more);
    struct stat st;
    assert_int_equal(stat(tree_path("theirs"), &st), 0);
    assert_int_equal(st.st_size, 7);
    assert_int_equal(mkfifo(tree_path(".fifo.count"), 0600), 0);
    counters_read(&c, tree_root, "fifo");
    counters_add(tree_root, "fifo", &more);
    counters_add("/nowhere/at/all", "work", &more);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sums, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(test_broken_files, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(test_in_the_way, tree_setup, tree_teardown),
    };
    return cmocka_run_group_tests_name("counters", tests, NULL, NULL);
}
