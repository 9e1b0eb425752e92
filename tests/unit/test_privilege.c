// SPDX-License-Identifier: ISC
// links: submit
// As root it is tried what root must lose; as anybody else, that nothing changes.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/port.h"
#include "submit/walls/privilege.h"
#include "walled.h"

static const char stranger[] = "no-such-account-here";

static bool has_capabilities(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
    if (syscall(SYS_capget, &head, sets))
        return true;
    for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
        if (sets[i].effective || sets[i].permitted || sets[i].inheritable)
            return true;
    return false;
}

static bool is_wholly(uid_t uid, gid_t gid)
{
    uid_t u[3] = {0};
    gid_t g[3] = {0};
    return !getresuid(&u[0], &u[1], &u[2]) && !getresgid(&g[0], &g[1], &g[2]) && u[0] == uid &&
           u[1] == uid && u[2] == uid && g[0] == gid && g[1] == gid && g[2] == gid &&
           getgroups(0, NULL) == 0;
}

static void stand_in(void)
{
    static const gid_t groups[] = {0, 1, 2};
    check(setgroups(3, groups) == 0);
    check(has_capabilities());
    check(privilege_drop(stranger) == PRIVILEGE_STAND_IN);
    check(is_wholly(PRIVILEGE_NOBODY, PRIVILEGE_NOBODY));
    check(!has_capabilities());
    check(setuid(0) != 0 && seteuid(0) != 0 && setgid(0) != 0);
    check(open("/proc/1/environ", O_RDONLY | O_CLOEXEC) < 0);
    check(prctl(PR_GET_DUMPABLE) == 0);
}

static void account(void)
{
    const struct passwd *p = getpwnam("daemon");
    if (!p)
        _exit(WALLED_SKIP);
    uid_t uid = p->pw_uid;
    gid_t gid = p->pw_gid;
    check(privilege_drop("daemon") == PRIVILEGE_DROPPED);
    check(is_wholly(uid, gid));
    check(!has_capabilities());
}

// An account that is root by another name is none.
static void root_by_name(void)
{
    check(privilege_drop("root") == PRIVILEGE_STAND_IN);
    check(is_wholly(PRIVILEGE_NOBODY, PRIVILEGE_NOBODY));
}

static bool put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    close(fd);
    return good;
}

// A container in which uid 0 is all there is.
static void alone(void)
{
    char map[64];
    snprintf(map, sizeof map, "0 %u 1", (unsigned)geteuid());
    if (unshare(CLONE_NEWUSER) || !put("/proc/self/uid_map", map))
        _exit(WALLED_SKIP);
    check(geteuid() == 0 && has_capabilities());
    check(privilege_drop(stranger) == PRIVILEGE_ALONE);
    check(geteuid() == 0 && has_capabilities() == !PORT_LINUX);
}

static void anybody(void)
{
    uid_t uid = getuid();
    check(privilege_drop(stranger) == PRIVILEGE_KEPT);
    check(getuid() == uid && !has_capabilities());
}

static void expect_fine(void (*scene)(void), bool as_root)
{
    if (as_root && geteuid() != 0)
        skip();
    int came = walled(scene);
    if (came == WALLED_SKIP)
        skip();
    assert_int_equal(came, 0);
}

static void test_stand_in(void **state)
{
    (void)state;
    expect_fine(stand_in, true);
    expect_fine(root_by_name, true);
}

static void test_account(void **state)
{
    (void)state;
    expect_fine(account, true);
}

static void test_alone(void **state)
{
    (void)state;
    expect_fine(alone, false);
}

static void somebody(void)
{
    if (geteuid() == 0)
        check(setgroups(0, NULL) == 0 && setresgid(12345, 12345, 12345) == 0 &&
              setresuid(12345, 12345, 12345) == 0);
    anybody();
}

static void test_anybody(void **state)
{
    (void)state;
    expect_fine(somebody, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stand_in),
        cmocka_unit_test(test_account),
        cmocka_unit_test(test_alone),
        cmocka_unit_test(test_anybody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
