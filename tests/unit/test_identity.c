// SPDX-License-Identifier: ISC
// links: sendoff
// Another user's hands: what the kernel says of us in between, and what we can not do then.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sendoff/spools/identity.h"

static const struct identity other = {2001, 2002};

static void test_own(void **state)
{
    (void)state;
    struct identity self = {geteuid(), getegid()};
    assert_int_equal(identity_enter(&self), 0);
    assert_int_equal(identity_enter(&self), 0); // nothing was entered
    identity_leave();
    assert_int_equal(geteuid(), self.uid);
}

static void test_other(void **state)
{
    (void)state;
    gid_t groups[3] = {0, 5, 7}, now[8];
    uid_t real, effective, saved;
    if (!identity_may_change())
        skip();
    assert_int_equal(setgroups(3, groups), 0);
    assert_int_equal(identity_enter(&other), 0);
    assert_int_equal(getresuid(&real, &effective, &saved), 0);
    assert_int_equal(real, 0);
    assert_int_equal(effective, 2001);
    assert_int_equal(saved, 0);
    assert_int_equal(getegid(), 2002);
    assert_int_equal(getgroups(8, now), 0);
    assert_int_equal(open("/etc/shadow", O_RDONLY), -1);
    assert_int_equal(errno, EACCES);
    errno = EBUSY;
    identity_leave();
    assert_int_equal(errno, EBUSY);
    assert_int_equal(geteuid(), 0);
    assert_int_equal(getegid(), 0);
    assert_int_equal(getgroups(8, now), 3);
    assert_memory_equal(now, groups, sizeof groups);
}

// The exit status of a child that has been forked.
static int ended(pid_t pid)
{
    int status;
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

// Out of one user's identity nobody goes into another's: the process ends.
static void test_never_nested(void **state)
{
    (void)state;
    static const struct identity third = {2003, 2003};
    if (!identity_may_change())
        skip();
    pid_t pid = fork();
    if (pid == 0) {
        if (identity_enter(&other) == 0)
            (void)!identity_enter(&third);
        _exit(0);
    }
    assert_int_equal(ended(pid), 75);
}

// Without the right to it, nothing changes and nothing is pretended.
static void test_refused(void **state)
{
    (void)state;
    if (!identity_may_change())
        skip();
    pid_t pid = fork();
    if (pid == 0) {
        bool right = setresuid(2003, 2003, 2003) == 0 && identity_enter(&other) < 0 &&
                     errno == EPERM && geteuid() == 2003;
        identity_leave();
        _exit(right && geteuid() == 2003 ? 0 : 1);
    }
    assert_int_equal(ended(pid), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own),
        cmocka_unit_test(test_other),
        cmocka_unit_test(test_never_nested),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
