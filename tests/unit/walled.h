// SPDX-License-Identifier: ISC
// What can not be undone is tried in a child.
#ifndef UNIT_WALLED_H
#define UNIT_WALLED_H

#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WALLED_SKIP = 200 }; // the child says that it can not be tried here

// Its exit status, or minus the signal that ended it. The child says 0, or the line in which it
// was disappointed (check).
static inline int walled(void (*scene)(void))
{
    static const struct rlimit none = {0, 0};
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        alarm(60);
        if (setrlimit(RLIMIT_CORE, &none) == 0)
            scene();
        _exit(0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

// In the child: ends it where that does not hold. Lines beyond 199 would not fit a status.
#define check(x)                                            \
    do {                                                    \
        _Static_assert(__LINE__ < WALLED_SKIP, "too long"); \
        if (!(x))                                           \
            _exit(__LINE__);                                \
    } while (0)

#endif
