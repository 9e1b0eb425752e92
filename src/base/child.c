// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/port.h"

enum {
    CHILD_NAP = 2,      // milliseconds between two looks
    CHILD_PIECE = 5000, // of one wait: poll does not count suspended time
};

struct start {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    bool has_files, has_how;
};

// Makes ready what a child starts with: no signal ignored or blocked. Returns an errno as
// posix_spawn's calls do; start_end ends it in any case.
static int start_begin(struct start *s, short flags)
{
    sigset_t none, all;
    *s = (struct start){.has_files = false};
    sigemptyset(&none);
    sigfillset(&all);
    int bad = posix_spawn_file_actions_init(&s->files);
    s->has_files = !bad;
    if (!bad)
        bad = posix_spawnattr_init(&s->how);
    s->has_how = !bad && s->has_files;
    if (!bad)
        bad = posix_spawnattr_setsigmask(&s->how, &none);
    if (!bad)
        bad = posix_spawnattr_setsigdefault(&s->how, &all);
    if (!bad)
        bad = posix_spawnattr_setflags(
            &s->how, (short)(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | flags));
    return bad;
}

static pid_t start_end(struct start *s, int bad, const char *const argv[], char *const env[])
{
    pid_t pid = -1;
    if (!bad)
        bad = posix_spawn(&pid, argv[0], &s->files, &s->how, (char *const *)argv, env);
    if (s->has_how)
        posix_spawnattr_destroy(&s->how);
    if (s->has_files)
        posix_spawn_file_actions_destroy(&s->files);
    errno = bad;
    return bad ? -1 : pid;
}

pid_t child_start(const char *const argv[], int in, int out)
{
    struct start s;
    int bad = start_begin(&s, 0);
    if (!bad)
        bad = posix_spawn_file_actions_adddup2(&s.files, in, STDIN_FILENO);
    if (!bad)
        bad = posix_spawn_file_actions_adddup2(&s.files, out, STDOUT_FILENO);
    return start_end(&s, bad, argv, environ);
}

pid_t child_start_apart(const char *const argv[], bool loud)
{
    struct start s;
    int bad = start_begin(&s, POSIX_SPAWN_SETSID);
    if (!bad)
        bad = posix_spawn_file_actions_addopen(&s.files, STDIN_FILENO, "/dev/null", O_RDONLY,
                                               0);
    if (!bad && !loud)
        bad = posix_spawn_file_actions_addopen(&s.files, STDOUT_FILENO, "/dev/null", O_WRONLY,
                                               0);
    if (!bad)
        bad = posix_spawn_file_actions_adddup2(&s.files, STDOUT_FILENO, STDERR_FILENO);
    if (!bad)
        bad = posix_spawn_file_actions_addchdir_np(&s.files, "/");
    return start_end(&s, bad, argv, environ);
}

pid_t child_start_captured(const char *const argv[], const char *const env[], int out, int err)
{
    struct start s;
    int bad = start_begin(&s, POSIX_SPAWN_SETSID);
    if (!bad)
        bad = posix_spawn_file_actions_addopen(&s.files, STDIN_FILENO, "/dev/null", O_RDONLY,
                                               0);
    if (!bad)
        bad = posix_spawn_file_actions_adddup2(&s.files, out, STDOUT_FILENO);
    if (!bad)
        bad = posix_spawn_file_actions_adddup2(&s.files, err, STDERR_FILENO);
    if (!bad)
        bad = posix_spawn_file_actions_addchdir_np(&s.files, "/");
    return start_end(&s, bad, argv, (char *const *)env);
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
