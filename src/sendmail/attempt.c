// SPDX-License-Identifier: ISC
#include "sendmail/attempt.h"

#include <errno.h>
#include <string.h>
#include <sys/types.h>
#include <syslog.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/process.h"
#include "paths.h"

bool attempt(const char *id, bool loud)
{
    const char *const quietly[] = {PATH_SENDOFF, "flush", "--due", id, NULL};
    const char *const aloud[] = {PATH_SENDOFF, "-v", "flush", id, NULL};
    int status = 0;
    process_full_limits();
    pid_t pid = child_start_apart(loud ? aloud : quietly, loud);
    if (pid < 0)
        diag_log(LOG_WARNING, "%s: %s can not be run: %s", id, PATH_SENDOFF, strerror(errno));
    else if (!child_await(pid, clock_steady() + ATTEMPT_PATIENCE, &status))
        diag_log(LOG_INFO, "%s: the attempt goes on without the caller", id);
    return pid >= 0 && status == 0;
}
