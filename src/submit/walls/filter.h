// SPDX-License-Identifier: ISC
// Which system calls the process may make from now on (seccomp(2)). The rest fails with ENOSYS,
// as on an older kernel: libc and NSS modules of tomorrow try newer calls and then go on with
// others. Only what no honest library does (to execute a program, to reach into another
// process, to change the kernel) ends the process at once. libseccomp is known to filter.c
// alone.
#ifndef SUBMIT_FILTER_H
#define SUBMIT_FILTER_H

// 0, or -1 and errno: EOPNOTSUPP where this build has no filter (it was made without
// libseccomp), another where the kernel refuses it.
int filter_close(void) __attribute__((warn_unused_result));

#endif
