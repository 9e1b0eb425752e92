// SPDX-License-Identifier: ISC
// links: submit
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "submit/walls/filter.h"
#include "walled.h"

// A build without libseccomp, or a kernel without filters, has nothing to be tested.
static void close_or_skip(void)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || filter_close())
        _exit(WALLED_SKIP);
}

static bool is_refused(long result)
{
    return result == -1 && errno == ENOSYS;
}

static void calls_refused(void)
{
    close_or_skip();
    check(is_refused(open("/tmp/test_filter.never", O_WRONLY | O_CREAT | O_CLOEXEC, 0600)));
    check(is_refused(open("/dev/null", O_RDWR | O_CLOEXEC)));
    check(is_refused(open("/dev/null", O_RDONLY | O_TRUNC | O_CLOEXEC)));
    check(is_refused(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)));
    check(is_refused(socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)));
    check(is_refused(socketpair(AF_UNIX, SOCK_STREAM, 0, (int[2]){-1, -1})));
    check(is_refused(fork()));
    check(is_refused(kill(getppid(), 0)));
    check(is_refused(unlink("/tmp/test_filter.never")));
    check(is_refused(setuid(0)));
    check(is_refused(memfd_create("x", 0)));
    check(is_refused(syscall(SYS_tgkill, getppid(), getppid(), 0)));
    check(is_refused(syscall(SYS_clone3, NULL, 0)));
    check(is_refused(setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0})));
    int page = PROT_READ | PROT_WRITE | PROT_EXEC;
    check(mmap(NULL, 4096, page, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
    check(errno == ENOSYS);
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check(p != MAP_FAILED);
    check(is_refused(mprotect(p, 4096, PROT_READ | PROT_EXEC)));
}

static void *note(void *seen)
{
    *(bool *)seen = true;
    return NULL;
}

static bool localhost_is_known;

// Some hosts, such as a bare root of debootstrap's, do not know it. In a child, so that nothing
// is loaded yet when the walls stand.
static void look_up_localhost(void)
{
    struct addrinfo *found = NULL;
    check(getaddrinfo("localhost", "25", NULL, &found) == 0);
    freeaddrinfo(found);
}

// What the resolver, with threads and modules, and libraries do.
static void calls_allowed(void)
{
    static const int kinds[] = {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK};
    struct addrinfo *found = NULL;
    struct rlimit limit;
    pthread_t thread;
    bool seen = false;
    close_or_skip();
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        int fd = socket(kinds[i], SOCK_DGRAM | SOCK_CLOEXEC, 0);
        check(fd >= 0 || errno == EAFNOSUPPORT);
        check(fd < 0 || close(fd) == 0);
    }
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    check(fd >= 0 && close(fd) == 0);
    check(pthread_create(&thread, NULL, note, &seen) == 0);
    check(pthread_join(thread, NULL) == 0 && seen);
    check((getaddrinfo("localhost", "25", NULL, &found) == 0) == localhost_is_known);
    if (found)
        freeaddrinfo(found);
    check(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    check(dlopen("libresolv.so.2", RTLD_NOW) || errno != ENOSYS);
}

static void execute(void)
{
    close_or_skip();
    execl("/bin/true", "true", (char *)NULL);
}

static void trace(void)
{
    close_or_skip();
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static void reach_in(void)
{
    close_or_skip();
    syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
}

static void leave_namespace(void)
{
    close_or_skip();
    unshare(CLONE_NEWNS);
}

static void end_oneself(void)
{
    close_or_skip();
    raise(SIGUSR1);
}

static void expect(void (*scene)(void), int end)
{
    int came = walled(scene);
    if (came == WALLED_SKIP)
        skip();
    assert_int_equal(came, end);
}

static void test_refused(void **state)
{
    (void)state;
    expect(calls_refused, 0);
}

static void test_allowed(void **state)
{
    (void)state;
    localhost_is_known = walled(look_up_localhost) == 0;
    expect(calls_allowed, 0);
}

static void test_deadly(void **state)
{
    (void)state;
    expect(execute, -SIGSYS);
    expect(trace, -SIGSYS);
    expect(reach_in, -SIGSYS);
    expect(leave_namespace, -SIGSYS);
    expect(end_oneself, -SIGUSR1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_allowed),
        cmocka_unit_test(test_deadly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
