// SPDX-License-Identifier: ISC
// links: base
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>

#include "base/fifo.h"
#include "unit/tree.h"

static const char *bell(void)
{
    return tree_path("bell");
}

static int nobody(void)
{
    EXPECT(fifo_ring(bell()) < 0 && errno == ENOENT);
    EXPECT(!mkfifo(bell(), 0600));
    EXPECT(fifo_ring(bell()) < 0 && errno == ENXIO);
    EXPECT(!unlink(bell()) && !tree_text("bell", "a file"));
    EXPECT(fifo_ring(bell()) < 0 && errno == EPERM);
    EXPECT(fifo_listen(bell(), 0600) < 0 && errno == EPERM);
    EXPECT(!unlink(bell()) && !mkfifo(tree_path("other"), 0600));
    EXPECT(!symlink("other", bell()));
    int other = open(tree_path("other"), O_RDWR | O_CLOEXEC);
    EXPECT(fifo_ring(bell()) < 0 && errno == ELOOP);
    EXPECT(fifo_listen(bell(), 0600) < 0);
    close(other);
    return 0;
}

static int somebody(void)
{
    struct stat st;
    umask(077);
    int fd = fifo_listen(bell(), 0622);
    EXPECT(fd >= 0 && !stat(bell(), &st) && (st.st_mode & 07777) == 0622);
    EXPECT(!fifo_empty(fd));
    EXPECT(!fifo_ring(bell()) && !fifo_ring(bell()));
    EXPECT(fifo_empty(fd) && !fifo_empty(fd));
    close(fd);
    EXPECT(fifo_ring(bell()) < 0 && errno == ENXIO);
    // It is there already, with another mode.
    EXPECT(!chmod(bell(), 0666));
    fd = fifo_listen(bell(), 0600);
    EXPECT(fd >= 0 && !stat(bell(), &st) && (st.st_mode & 07777) == 0600);
    close(fd);
    return 0;
}

// A bell that nobody empties was rung; and it is emptied in one go.
static int full(void)
{
    int fd = fifo_listen(bell(), 0600);
    EXPECT(fd >= 0);
    for (int i = 0; i < 70000; i++)
        EXPECT(!fifo_ring(bell()));
    EXPECT(fifo_empty(fd) && !fifo_empty(fd));
    close(fd);
    return 0;
}

// Somebody else's FIFO, in a directory where he may make one.
static int strangers(void)
{
    EXPECT(!mkfifo(bell(), 0666) && !chmod(bell(), 0666));
    if (geteuid() == 0)
        EXPECT(!chown(bell(), TREE_UID + 1, TREE_UID + 1));
    int fd = open(bell(), O_RDWR | O_CLOEXEC);
    EXPECT(fd >= 0);
    if (geteuid() == 0)
        EXPECT(fifo_ring(bell()) < 0 && errno == EPERM);
    close(fd);
    return 0;
}

static void test_nobody(void **state)
{
    (void)state;
    assert_int_equal(tree_as_user(nobody), 0);
}

static void test_somebody(void **state)
{
    (void)state;
    assert_int_equal(tree_as_user(somebody), 0);
}

static void test_full(void **state)
{
    (void)state;
    assert_int_equal(tree_as_user(full), 0);
}

static void test_strangers(void **state)
{
    (void)state;
    assert_int_equal(strangers(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nobody, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(test_somebody, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(test_full, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(test_strangers, tree_setup, tree_teardown),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
