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

#include "base/clock.h"
#include "sendoff/pass/quota.h"
#include "spool/lock.h"
#include "unit/tree.h"

#define MINUTE (60 * (int64_t)CLOCK_SECOND_US)
#define HOUR   (60 * MINUTE)
#define NOW    INT64_C(1795357046020572)

static int lock_fd;

static int setup(void **state)
{
    if (tree_setup(state))
        return -1;
    int dir = open(tree_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    lock_fd = lock_take(dir, "lock");
    close(dir);
    return lock_fd < 0;
}

static int teardown(void **state)
{
    close(lock_fd);
    return tree_teardown(state);
}

static void test_reports(void **state)
{
    (void)state;
    struct quota q;
    quota_read(&q, lock_fd);
    for (int i = 0; i < QUOTA_REPORTS; i++) {
        assert_true(quota_allows(&q, QUOTA_REPORT, NOW + i));
        quota_spend(&q, QUOTA_REPORT, NOW + i);
    }
    assert_false(quota_allows(&q, QUOTA_REPORT, NOW + HOUR - 1));
    assert_true(quota_allows(&q, QUOTA_DIGEST, NOW + HOUR - 1));
    quota_spend(&q, QUOTA_DIGEST, NOW + HOUR - 1);
    assert_false(quota_allows(&q, QUOTA_DIGEST, NOW + HOUR - 1));
    // The next pass knows it.
    quota_read(&q, lock_fd);
    assert_false(quota_allows(&q, QUOTA_REPORT, NOW + MINUTE));
    assert_false(quota_allows(&q, QUOTA_DIGEST, NOW + MINUTE));
    // The hour began with the first of them.
    assert_true(quota_allows(&q, QUOTA_REPORT, NOW + HOUR));
    assert_true(quota_allows(&q, QUOTA_DIGEST, NOW + HOUR));
}

static void test_clock_jumps_back(void **state)
{
    (void)state;
    struct quota q;
    quota_read(&q, lock_fd);
    for (int i = 0; i < QUOTA_REPORTS; i++)
        quota_spend(&q, QUOTA_REPORT, NOW);
    assert_true(quota_allows(&q, QUOTA_REPORT, NOW - 1));
}

// What makes no sense is nothing; the holder's line stays.
static void test_strange_files(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool full;
    } table[] = {
        {"since=00001795357046020572 reports=0020 digests=0000\n", true},
        {"since=1795357046020572 reports=20 digests=0\n", true},
        {"since=00001795357046020572 reports=0020 digests=0000", false},
        {"since=00001795357046020572 reports=0020\n", false},
        {"since=00001795357046020572 reports=-020 digests=0000\n", false},
        {"since=99999999999999999999 reports=0020 digests=0000\n", false},
        {"reports=0020 since=00001795357046020572 digests=0000\n", false},
        {"\n", false},
        {"", false},
        {"\xff\xff since", false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct quota q;
        size_t n = strlen(table[i].text);
        assert_int_equal(ftruncate(lock_fd, LOCK_HOLDER_WIDTH), 0);
        assert_int_equal(pwrite(lock_fd, table[i].text, n, LOCK_HOLDER_WIDTH), n);
        quota_read(&q, lock_fd);
        if (quota_allows(&q, QUOTA_REPORT, NOW) == table[i].full)
            fail_msg("row %zu", i);
        quota_spend(&q, QUOTA_DIGEST, NOW);
        quota_read(&q, lock_fd);
        assert_false(quota_allows(&q, QUOTA_DIGEST, NOW));
    }
    char holder[5] = "";
    assert_int_equal(pread(lock_fd, holder, 4, 0), 4);
    assert_string_equal(holder, "pid ");
}

// Where nothing can be written it counts for the pass.
static void test_without_a_file(void **state)
{
    (void)state;
    struct quota q;
    quota_read(&q, -1);
    for (int i = 0; i < QUOTA_REPORTS; i++)
        quota_spend(&q, QUOTA_REPORT, NOW);
    assert_false(quota_allows(&q, QUOTA_REPORT, NOW));
    int fd = open(tree_path("lock"), O_RDONLY | O_CLOEXEC);
    quota_read(&q, fd);
    for (int i = 0; i < QUOTA_REPORTS; i++)
        quota_spend(&q, QUOTA_REPORT, NOW);
    assert_false(quota_allows(&q, QUOTA_REPORT, NOW));
    close(fd);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_reports),
        TEST(test_clock_jumps_back),
        TEST(test_strange_files),
        TEST(test_without_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
