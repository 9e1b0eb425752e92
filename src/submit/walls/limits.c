// SPDX-License-Identifier: ISC
#include "submit/walls/limits.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "submit/mail/jobs.h"

enum {
    LIMITS_OTHER_FILES = 64, // descriptors for all but messages
    LIMITS_PROCESSES = 64 // of our uid, threads counted: those of other accounts' flushes too
};

// Lowers both limits, never raises one.
static int lower(int which, rlim_t most)
{
    struct rlimit now;
    if (getrlimit(which, &now))
        return -1;
    if (now.rlim_max > most)
        now.rlim_max = most;
    if (now.rlim_cur > now.rlim_max)
        now.rlim_cur = now.rlim_max;
    return setrlimit(which, &now);
}

// `sendoff -v flush 2>FILE` has a file there.
static bool is_file(int fd)
{
    struct stat st;
    return io_stat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

int limits_set(bool own)
{
    if (lower(RLIMIT_NOFILE, JOBS_MOST + JOBS_DESCRIPTORS_MAX + LIMITS_OTHER_FILES))
        return -1;
    if (!is_file(STDOUT_FILENO) && !is_file(STDERR_FILENO) && lower(RLIMIT_FSIZE, 0))
        return -1;
    return own ? lower(RLIMIT_NPROC, LIMITS_PROCESSES) : 0;
}
