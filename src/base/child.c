// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/port.h"
#if PORT_LINUX
#include <spawn.h>
#endif

enum {
    CHILD_NAP = 2,      // milliseconds between two looks
    CHILD_PIECE = 5000, // of one wait: poll does not count suspended time
};

// What a child finds as its descriptors 0 to 2: which of ours, or START_NULL.
struct start {
    int files[3];
    bool apart; // in a session of its own and in /
};
enum { START_NULL = -1 };

// Signals: none ignored or blocked. All else closes on exec.
#if PORT_LINUX

// These return an errno, as posix_spawn's calls do.
static int order_files(const struct start *s, posix_spawn_file_actions_t *files)
{
    int bad = 0;
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && !bad; fd++)
        bad = s->files[fd] == START_NULL
                  ? posix_spawn_file_actions_addopen(files, fd, "/dev/null", O_RDWR, 0)
                  : posix_spawn_file_actions_adddup2(files, s->files[fd], fd);
    return bad || !s->apart ? bad : posix_spawn_file_actions_addchdir_np(files, "/");
}

static int order_state(const struct start *s, posix_spawnattr_t *how)
{
    sigset_t none, all;
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    sigemptyset(&none);
    sigfillset(&all);
    int bad = posix_spawnattr_setsigmask(how, &none);
    if (!bad)
        bad = posix_spawnattr_setsigdefault(how, &all);
    if (s->apart)
        flags |= POSIX_SPAWN_SETSID;
    return bad ? bad : posix_spawnattr_setflags(how, flags);
}

static pid_t start(const struct start *s, const char *const argv[], char *const env[])
{
    pid_t pid = -1;
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    int bad = posix_spawn_file_actions_init(&files);
    bool has_files = !bad;
    if (!bad)
        bad = posix_spawnattr_init(&how);
    bool has_how = has_files && !bad;
    if (!bad)
        bad = order_files(s, &files);
    if (!bad)
        bad = order_state(s, &how);
    if (!bad)
        bad = posix_spawn(&pid, argv[0], &files, &how, (char *const *)argv, env);
    if (has_how)
        posix_spawnattr_destroy(&how);
    if (has_files)
        posix_spawn_file_actions_destroy(&files);
    errno = bad;
    return bad ? -1 : pid;
}

#else

// Where posix_spawn can not give a child a session of its own (FreeBSD), fork and exec do what
// it does above.
static int take_files(const struct start *s)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        int from = s->files[fd];
        if (from == START_NULL && (from = open("/dev/null", O_RDWR | O_CLOEXEC)) < 0)
            return -1;
        if (from == fd ? fcntl(fd, F_SETFD, 0) < 0 : dup2(from, fd) < 0)
            return -1;
    }
    return 0;
}

// The child, until it is another program; what failed is told through `tell`, which closes with
// success.
static void become(const struct start *s, const char *const argv[], char *const env[], int tell)
{
    const struct sigaction usual = {.sa_handler = SIG_DFL};
    sigset_t none;
    sigemptyset(&none);
    for (int number = 1; number < NSIG; number++)
        (void)sigaction(number, &usual, NULL); // some numbers can not be set
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    if (!(s->apart && (setsid() < 0 || chdir("/"))) && take_files(s) == 0)
        execve(argv[0], (char *const *)argv, env);
    int bad = errno;
    (void)!io_write(tell, &bad, sizeof bad);
    _exit(127);
}

static pid_t start(const struct start *s, const char *const argv[], char *const env[])
{
    int ends[2], bad = 0;
    if (pipe2(ends, O_CLOEXEC))
        return -1;
    pid_t pid = fork();
    if (pid == 0)
        become(s, argv, env, ends[1]);
    io_close(ends[1]);
    if (pid > 0 && io_read(ends[0], &bad, sizeof bad) == (ssize_t)sizeof bad) {
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
        errno = bad;
        pid = -1;
    }
    io_close(ends[0]);
    return pid;
}

#endif

pid_t child_start(const char *const argv[], int in, int out)
{
    struct start s = {.files = {in, out, STDERR_FILENO}};
    return start(&s, argv, environ);
}

pid_t child_start_apart(const char *const argv[], bool loud)
{
    int out = loud ? STDOUT_FILENO : START_NULL;
    struct start s = {.files = {START_NULL, out, out}, .apart = true};
    return start(&s, argv, environ);
}

pid_t child_start_captured(const char *const argv[], const char *const env[], int out, int err)
{
    struct start s = {.files = {START_NULL, out, err}, .apart = true};
    return start(&s, argv, (char *const *)env);
}

// Waits for the child's end until the deadline: by its descriptor, or where the kernel has none
// for it, by looking again and again.
bool child_await(pid_t pid, int64_t deadline, int *status)
{
    int fd = port_child(pid);
    for (;;) {
        pid_t got = waitpid(pid, status, WNOHANG);
        int64_t now = clock_steady(), left = deadline > now ? deadline - now : 0;
        bool ended = got == pid || (got < 0 && errno != EINTR);
        if (ended || left <= 0) {
            io_close(fd);
            return ended;
        }
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int piece = fd < 0 ? CHILD_NAP : CHILD_PIECE;
        poll(&p, 1, left < piece ? (int)left : piece);
    }
}

void child_reap(void)
{
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
}

int child_end(pid_t pid, int64_t deadline)
{
    int status = 0;
    if (child_await(pid, deadline, &status))
        return status;
    kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}
