// SPDX-License-Identifier: ISC
// For tests that need files: a directory of their own, and children that are another user.
#ifndef UNIT_TREE_H
#define UNIT_TREE_H

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// A uid that no passwd knows.
enum { TREE_UID = 54321 };

static char tree_root[64];

static inline int tree_setup(void **state)
{
    (void)state;
    umask(022);
    snprintf(tree_root, sizeof tree_root, "/tmp/sendoff-unit.XXXXXX");
    if (!mkdtemp(tree_root) || chmod(tree_root, 0755))
        return -1;
    return geteuid() == 0 ? chown(tree_root, TREE_UID, TREE_UID) : 0;
}

static inline int tree_remove_one(const char *path, const struct stat *st, int type,
                                  struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

static inline int tree_teardown(void **state)
{
    (void)state;
    return nftw(tree_root, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

// A path in the tree; valid until the eighth next call.
static inline const char *tree_path(const char *name)
{
    static char paths[8][512];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s%s%s", tree_root, *name ? "/" : "", name);
    return path;
}

// Makes the file and the directories above it. 0 or -1.
static inline int tree_write(const char *name, const void *p, size_t n)
{
    char path[512];
    snprintf(path, sizeof path, "%s", tree_path(name));
    for (char *slash = path + strlen(tree_root) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        if (mkdir(path, 0755) && errno != EEXIST)
            return -1;
        *slash = '/';
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return -1;
    ssize_t put = write(fd, p, n);
    return close(fd) || put != (ssize_t)n ? -1 : 0;
}

static inline int tree_text(const char *name, const char *text)
{
    return tree_write(name, text, strlen(text));
}

// Runs `scene` in a child with these uids (kept as they are where the tests do not run as
// root). It returns 0 when all is well, and tells of what is not through EXPECT.
static inline int tree_as(uid_t real, uid_t effective, int (*scene)(void))
{
    int status = 0;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        alarm(20);
        if (geteuid() == 0 && effective != 0 &&
            (setgroups(0, NULL) || setresgid(real, effective, (gid_t)-1)))
            _exit(98);
        if (geteuid() == 0 && setresuid(real, effective, (uid_t)-1))
            _exit(99);
        int answer = scene();
        fflush(NULL);
        _exit(answer);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid ? status : -1;
}

// As a user who is not root.
static inline int tree_as_user(int (*scene)(void))
{
    return tree_as(TREE_UID, TREE_UID, scene);
}

#define EXPECT(condition)                                                           \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            return 1;                                                               \
        }                                                                           \
    } while (0)

#endif
