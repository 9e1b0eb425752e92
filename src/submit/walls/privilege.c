// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/walls/privilege.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "base/port.h"

static bool is_now(uid_t uid, gid_t gid)
{
    uid_t u[3];
    gid_t g[3];
    if (getresuid(&u[0], &u[1], &u[2]) || getresgid(&g[0], &g[1], &g[2]))
        return false;
    for (int i = 0; i < 3; i++)
        if (u[i] != uid || g[i] != gid)
            return false;
    // Some systems (FreeBSD up to 14) count the effective one among them.
    int n = getgroups(1, g);
    return n == 0 || (n == 1 && g[0] == gid);
}

// 0, or -1 and errno: EPERM or EINVAL where this kernel or namespace has no such uid for us.
static int become(uid_t uid, gid_t gid)
{
    if (setgroups(0, NULL) || setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
        return -1;
    if (!is_now(uid, gid)) {
        errno = EACCES;
        return -1;
    }
    return 0;
}

enum privilege_answer privilege_drop(const char *account)
{
    enum privilege_answer answer = PRIVILEGE_KEPT;
    if (geteuid() == 0) {
        const struct passwd *p = getpwnam(account);
        bool known = p && p->pw_uid != 0;
        answer = known ? PRIVILEGE_DROPPED : PRIVILEGE_STAND_IN;
        if (known ? become(p->pw_uid, p->pw_gid) : become(PRIVILEGE_NOBODY, PRIVILEGE_NOBODY))
            answer = errno == EPERM || errno == EINVAL ? PRIVILEGE_ALONE : PRIVILEGE_TROUBLE;
    }
    // A change of the uid makes a process dumpable again where the kernel is set up so.
    if (port_drop_capabilities() || port_forbid_dumps())
        return PRIVILEGE_TROUBLE;
    return answer;
}
