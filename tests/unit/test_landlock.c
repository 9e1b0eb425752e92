// SPDX-License-Identifier: ISC
// links: submit
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "submit/walls/landlock.h"
#include "walled.h"

// DIR/own/file, DIR/other/file, and DIR/links/a that leads to DIR/other/target.
static char dir[64];

static const char *at(const char *name)
{
    static char paths[4][128];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", dir, name);
    return path;
}

static int make(const char *name)
{
    int fd = open(at(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    return fd < 0 ? -1 : close(fd);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/test_landlock.XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    if (mkdir(at("own"), 0700) || mkdir(at("other"), 0700) || mkdir(at("links"), 0700))
        return -1;
    return make("own/file") || make("other/file") || make("other/target") ||
           symlink("../other/target", at("links/a"));
}

static int tear_down(void **state)
{
    static const char *const files[] = {"own/file", "other/file", "other/target", "links/a"};
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        unlink(at(files[i]));
    return rmdir(at("own")) || rmdir(at("other")) || rmdir(at("links")) || rmdir(dir);
}

static int close_or_skip(const uint16_t *ports)
{
    const char *const trees[] = {at("own"), at("absent"), NULL};
    const struct landlock_order order = {.trees = trees, .links = at("links"), .ports = ports};
    int version = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -1 : landlock_close(&order);
    if (version < 0)
        _exit(WALLED_SKIP);
    return version;
}

static bool can_open(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool is_forbidden(bool could)
{
    return !could && errno == EACCES;
}

static void files(void)
{
    int before = open(at("other/file"), O_RDONLY | O_CLOEXEC);
    char octet;
    check(can_open(at("other/file"), O_RDWR));
    check(can_open("/etc/fstab", O_RDONLY) || errno == ENOENT);
    close_or_skip(NULL);
    check(read(before, &octet, 1) == 0); // what is open stays open
    check(can_open(at("own/file"), O_RDONLY));
    check(can_open(at("own"), O_RDONLY | O_DIRECTORY));
    check(can_open(at("links/a"), O_RDONLY));
    check(can_open("/etc/hosts", O_RDONLY) || errno == ENOENT);
    check(can_open("/usr/lib", O_RDONLY | O_DIRECTORY));
    check(can_open("/dev/urandom", O_RDONLY));
    check(is_forbidden(can_open(at("own/file"), O_WRONLY)));
    check(is_forbidden(can_open(at("own/file"), O_RDONLY | O_TRUNC)) || errno == ENOENT);
    check(is_forbidden(can_open(at("own/new"), O_WRONLY | O_CREAT)));
    check(is_forbidden(can_open(at("other/file"), O_RDONLY)));
    check(is_forbidden(can_open("/etc/passwd-", O_RDONLY)) || errno == ENOENT);
    check(is_forbidden(can_open("/etc", O_RDONLY | O_DIRECTORY)));
    check(is_forbidden(can_open("/proc/self/environ", O_RDONLY)));
    check(is_forbidden(unlink(at("own/file")) == 0));
    check(is_forbidden(mkdir(at("own/sub"), 0700) == 0));
    check(is_forbidden(symlink("x", at("own/sub")) == 0));
    execl("/bin/true", "true", (char *)NULL);
    check(errno == EACCES);
}

static int connect_to(uint16_t port)
{
    const struct sockaddr_in to = {.sin_family = AF_INET,
                                   .sin_port = htons(port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int bad = connect(fd, (const struct sockaddr *)&to, sizeof to) ? errno : 0;
    close(fd);
    return bad;
}

// Whether somebody listens there does not matter: EACCES it is, or something else.
static void some_ports(void)
{
    static const uint16_t ports[] = {2, 4, 0};
    if (close_or_skip(ports) < 4)
        _exit(WALLED_SKIP);
    check(connect_to(2) != EACCES);
    check(connect_to(4) != EACCES);
    check(connect_to(3) == EACCES);
    check(connect_to(25) == EACCES);
}

static void any_port(void)
{
    close_or_skip(NULL);
    check(connect_to(3) != EACCES);
}

static void expect_fine(void (*scene)(void))
{
    int came = walled(scene);
    if (came == WALLED_SKIP)
        skip();
    assert_int_equal(came, 0);
}

static void test_files(void **state)
{
    (void)state;
    expect_fine(files);
}

static void test_ports(void **state)
{
    (void)state;
    expect_fine(any_port);
    expect_fine(some_ports);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_ports),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
