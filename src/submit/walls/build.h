// SPDX-License-Identifier: ISC
// What this build of sendoff-submit has. One for the sanitizers or valgrind is instrumented:
// those make system calls and write files of their own, so the walls are left out of it. (make
// sets WITH_SECCOMP where libseccomp is there, and WITHOUT_WALLS for valgrind.)
#ifndef SUBMIT_BUILD_H
#define SUBMIT_BUILD_H

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define WITHOUT_WALLS 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(WITHOUT_WALLS)
#define WITHOUT_WALLS 1
#endif

#ifdef WITHOUT_WALLS
enum { BUILD_INSTRUMENTED = 1 };
#else
enum { BUILD_INSTRUMENTED = 0 };
#endif

#endif
