// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "base/port.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#if PORT_LINUX
#include <linux/capability.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

// This call and pidfd_open are made by their numbers: kernels have them for longer than libc's
// have functions for them.
static int close_range_of(unsigned first)
{
#if PORT_LINUX && defined(SYS_close_range)
    return (int)syscall(SYS_close_range, first, ~0U, 0);
#else
    (void)first;
    errno = ENOSYS;
    return -1;
#endif
}

void port_close_from(int first)
{
    if (close_range_of((unsigned)first) == 0)
        return;
    long most = sysconf(_SC_OPEN_MAX);
    for (int fd = first; fd < (most > 0 && most < 65536 ? (int)most : 65536); fd++)
        close(fd);
}

int port_child(pid_t pid)
{
#if PORT_LINUX && defined(SYS_pidfd_open)
    return (int)syscall(SYS_pidfd_open, pid, 0);
#else
    (void)pid;
    errno = ENOSYS;
    return -1;
#endif
}

int port_set_open(void)
{
#if PORT_LINUX
    return epoll_create1(EPOLL_CLOEXEC);
#else
    errno = ENOSYS;
    return -1;
#endif
}

int port_set_add(int set, int fd)
{
#if PORT_LINUX
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    return epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
#else
    (void)set, (void)fd;
    errno = ENOSYS;
    return -1;
#endif
}

bool port_is_elevated(void)
{
#if PORT_LINUX
    return getauxval(AT_SECURE) != 0;
#elif defined(__FreeBSD__)
    return issetugid() != 0;
#else
    return getuid() != geteuid() || getgid() != getegid();
#endif
}

int port_forbid_dumps(void)
{
#if PORT_LINUX
    return prctl(PR_SET_DUMPABLE, 0);
#else
    return 0;
#endif
}

void port_keep_memory(void *p, size_t n)
{
#if defined(__linux__)
    (void)madvise(p, n, MADV_DONTDUMP);
    (void)madvise(p, n, MADV_DONTFORK);
#elif defined(__FreeBSD__)
    (void)madvise(p, n, MADV_NOCORE);
    (void)minherit(p, n, INHERIT_NONE);
#else
    (void)p, (void)n;
#endif
}

int port_forbid_privileges(void)
{
#if PORT_LINUX
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#else
    return 0;
#endif
}

int port_drop_capabilities(void)
{
#if PORT_LINUX
    // libcap would be one more library for one call.
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) && errno != EINVAL)
        return -1;
    return (int)syscall(SYS_capset, &head, none);
#else
    return 0;
#endif
}

int port_peer(int fd, uid_t *uid)
{
#if defined(__linux__)
    // Part of Linux since before there was anything to fall back to.
    struct ucred who;
    socklen_t n = sizeof who;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n))
        return -1;
    *uid = who.uid;
    return 0;
#else
    gid_t gid;
    return getpeereid(fd, uid, &gid);
#endif
}
