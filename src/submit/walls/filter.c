// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/walls/filter.h"

#include <errno.h>

#include "paths.h"

#ifdef WITH_SECCOMP

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

// By name, since libseccomp's headers and this architecture may know more or fewer of them.
static const char *const allowed[] = {
    // descriptors
    "read", "write", "readv", "writev", "pread64", "preadv", "close", "close_range", "lseek",
    "_llseek", "fcntl", "fcntl64", "dup", "dup2", "dup3", "pipe", "pipe2", "eventfd2",
    // files, as far as Landlock lets them be reached
    "stat", "stat64", "lstat", "lstat64", "fstat", "fstat64", "newfstatat", "fstatat64",
    "statx", "statfs", "statfs64", "fstatfs", "fstatfs64", "access", "faccessat", "faccessat2",
    "readlink", "readlinkat", "getdents", "getdents64", "getcwd", "fadvise64", "fadvise64_64",
    // waiting
    "poll", "ppoll", "ppoll_time64", "select", "_newselect", "pselect6", "pselect6_time64",
    "epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2",
    "nanosleep", "clock_nanosleep", "clock_nanosleep_time64", "restart_syscall",
    // sockets; which, see below
    "connect", "bind", "send", "sendto", "sendmsg", "sendmmsg", "recv", "recvfrom", "recvmsg",
    "recvmmsg", "recvmmsg_time64", "getsockopt", "setsockopt", "getsockname", "getpeername",
    "shutdown",
    // memory; what may be executed, see below
    "munmap", "mremap", "madvise", "brk", "mlock", "mlock2", "munlock", "membarrier",
    // threads: the resolver's
    "futex", "futex_time64", "set_robust_list", "get_robust_list", "rseq", "set_tid_address",
    "sched_yield", "sched_getaffinity", "exit", "exit_group",
    // signals
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigreturn", "sigprocmask",
    "rt_sigpending", "rt_sigtimedwait", "rt_sigtimedwait_time64", "sigaltstack", "signalfd4",
    // who and when we are
    "getpid", "gettid", "getppid", "getpgrp", "getuid", "geteuid", "getgid", "getegid",
    "getuid32", "geteuid32", "getgid32", "getegid32", "getresuid", "getresgid", "getgroups",
    "getrlimit", "ugetrlimit", "getrusage", "uname", "sysinfo", "getrandom", "getcpu",
    "clock_gettime", "clock_gettime64", "clock_getres", "clock_getres_time64", "gettimeofday",
    "time", "times"};

// Who tries these has been taken over.
static const char *const deadly[] = {"execve",
                                     "execveat",
                                     "ptrace",
                                     "process_vm_readv",
                                     "process_vm_writev",
                                     "process_madvise",
                                     "pidfd_getfd",
                                     "kexec_load",
                                     "kexec_file_load",
                                     "init_module",
                                     "finit_module",
                                     "delete_module",
                                     "bpf",
                                     "perf_event_open",
                                     "userfaultfd",
                                     "mount",
                                     "umount",
                                     "umount2",
                                     "pivot_root",
                                     "chroot",
                                     "setns",
                                     "unshare",
                                     "open_by_handle_at",
                                     "reboot",
                                     "swapon"};

// CLONE_THREAD stands in the second argument there.
#ifdef __s390__
enum { CLONE_FLAGS = 1 };
#else
enum { CLONE_FLAGS = 0 };
#endif

// Calls that are allowed if an argument is right: its bits under `mask` are `value`.
struct condition {
    const char *name;
    unsigned argument;
    scmp_datum_t mask, value;
};

#define ALL      (~(scmp_datum_t)0)
#define INT      ((scmp_datum_t)0xffffffff) // the kernel looks at that half alone
#define NO_WRITE (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND)

static const struct condition conditions[] = {
    {"socket", 0, INT, AF_INET},
    {"socket", 0, INT, AF_INET6},
    {"socket", 0, INT, AF_UNIX},    // nss-resolve, nscd, sssd, the log
    {"socket", 0, INT, AF_NETLINK}, // getaddrinfo asks which addresses we have
    {"open", 1, NO_WRITE, O_RDONLY},
    {"openat", 2, NO_WRITE, O_RDONLY},
    // NSS modules are loaded late. What is written can not be executed.
    {"mmap", 2, PROT_EXEC, 0},
    {"mmap", 2, PROT_WRITE, 0},
    {"mmap2", 2, PROT_EXEC, 0},
    {"mmap2", 2, PROT_WRITE, 0},
    {"mprotect", 2, PROT_EXEC, 0},
    {"clone", CLONE_FLAGS, CLONE_THREAD, CLONE_THREAD},
    {"prlimit64", 2, ALL, 0}, // to ask, not to set
    {"ioctl", 1, INT, FIONREAD},
    {"ioctl", 1, INT, FIONBIO},
    {"ioctl", 1, INT, TCGETS},
    {"ioctl", 1, INT, SIOCGIFINDEX}, // an IPv6 address with a zone
    {"ioctl", 1, INT, SIOCGIFNAME},
    {"prctl", 0, INT, PR_SET_NAME},
    {"prctl", 0, INT, PR_GET_NAME},
    {"prctl", 0, INT, PR_GET_DUMPABLE},
};

// A call that this libseccomp or architecture does not have needs no rule. Returns 0 or -errno.
static int add(scmp_filter_ctx f, uint32_t action, const char *name,
               const struct scmp_arg_cmp *when)
{
    int call = seccomp_syscall_resolve_name(name);
    if (call < 0)
        return 0;
    return when ? seccomp_rule_add_array(f, action, call, 1, when)
                : seccomp_rule_add_array(f, action, call, 0, NULL);
}

static int add_all(scmp_filter_ctx f)
{
    int bad = 0;
    for (size_t i = 0; !bad && i < sizeof allowed / sizeof *allowed; i++)
        bad = add(f, SCMP_ACT_ALLOW, allowed[i], NULL);
    for (size_t i = 0; !bad && i < sizeof deadly / sizeof *deadly; i++)
        bad = add(f, SCMP_ACT_KILL_PROCESS, deadly[i], NULL);
    for (size_t i = 0; !bad && i < sizeof conditions / sizeof *conditions; i++) {
        const struct condition *c = &conditions[i];
        const struct scmp_arg_cmp when = {c->argument, SCMP_CMP_MASKED_EQ, c->mask, c->value};
        bad = add(f, SCMP_ACT_ALLOW, c->name, &when);
    }
    // abort() and raise() signal ourselves, and nobody else.
    const struct scmp_arg_cmp ours = {0, SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0};
    if (!bad)
        bad = add(f, SCMP_ACT_ALLOW, "tgkill", &ours);
    return bad;
}

int filter_close(void)
{
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    if (!f) {
        errno = ENOMEM;
        return -1;
    }
    // Calls of another architecture's numbering: nobody of ours makes any.
    int bad = seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (!bad)
        bad = add_all(f);
    if (!bad)
        bad = seccomp_load(f);
    seccomp_release(f);
    errno = -bad;
    return bad ? -1 : 0;
}

#else

int filter_close(void)
{
    errno = EOPNOTSUPP;
    return -1;
}

#endif
