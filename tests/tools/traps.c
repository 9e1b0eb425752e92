// SPDX-License-Identifier: ISC
// Traps that an ordinary user can lay for root's pass, for tests/e2e/system:
//   traps lease FILE         holds a lease on it, and never gives it up by itself
//   traps lock FILE          holds flock on it
//   traps node NAME          makes a device, the one that needs no right (a whiteout)
//   traps socket NAME        makes a socket
//   traps swap NAME TARGET   over and over takes NAME away, and makes it a symbolic link to
//   TARGET,
//                            a FIFO, a file and a directory
// The first two and the last print a line when they are laid, and last until they are killed.
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

static void laid(void)
{
    puts("laid");
    fflush(stdout);
    if (!freopen("/dev/null", "w", stdout))
        err(1, "/dev/null");
}

static _Noreturn void lease(const char *name)
{
    int fd = open(name, O_RDWR);
    signal(SIGIO, SIG_IGN); // the kernel's request to give it up
    if (fd < 0 || fcntl(fd, F_SETLEASE, F_WRLCK))
        err(1, "lease on %s", name);
    laid();
    for (;;)
        pause();
}

static _Noreturn void lock(const char *name)
{
    int fd = open(name, O_RDONLY);
    if (fd < 0 || flock(fd, LOCK_EX))
        err(1, "lock on %s", name);
    laid();
    for (;;)
        pause();
}

static int node(const char *name)
{
    if (mknod(name, S_IFCHR | 0600, makedev(0, 0)))
        err(1, "%s", name);
    return 0;
}

static int make_socket(const char *name)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    strncpy(at.sun_path, name, sizeof at.sun_path - 1);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at))
        err(1, "%s", name);
    return 0;
}

// Any of these calls may fail, as root may have been there.
static _Noreturn void swap(const char *name, const char *target)
{
    for (unsigned turn = 0;; turn++) {
        int fd = -1, bad = unlink(name) && rmdir(name);
        if (turn % 4 == 0)
            bad = symlink(target, name);
        else if (turn % 4 == 1)
            bad = mkfifo(name, 0666);
        else if (turn % 4 == 2)
            bad = (fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0666)) < 0;
        else
            bad = mkdir(name, 0777);
        if (fd >= 0)
            close(fd);
        if (turn == 0)
            laid();
        else if (bad && errno != EEXIST && errno != ENOENT)
            err(1, "%s", name);
    }
}

int main(int argc, char *argv[])
{
    // A shell that started us as another user may not be able to end us by itself.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (argc == 3 && strcmp(argv[1], "lease") == 0)
        lease(argv[2]);
    if (argc == 3 && strcmp(argv[1], "lock") == 0)
        lock(argv[2]);
    if (argc == 3 && strcmp(argv[1], "node") == 0)
        return node(argv[2]);
    if (argc == 3 && strcmp(argv[1], "socket") == 0)
        return make_socket(argv[2]);
    if (argc == 4 && strcmp(argv[1], "swap") == 0)
        swap(argv[2], argv[3]);
    errx(64, "traps lease|lock|node|socket NAME, traps swap NAME TARGET");
}
