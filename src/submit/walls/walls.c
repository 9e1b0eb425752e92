// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "submit/walls/walls.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

// Libraries look for files to trust, and to load as code, where variables tell them (SASL_PATH,
// OPENSSL_CONF, SSL_CERT_FILE, RES_OPTIONS). Root's shell may have them from a user (HAZARDS
// 1), so for root only what is harmless and needed stays.
static void forget_environment(void)
{
    static const char *const kept[] = {"TZ", "CREDENTIALS_DIRECTORY"};
    enum { KEPT = sizeof kept / sizeof *kept };
    char *values[KEPT];
    for (size_t i = 0; i < KEPT; i++) {
        const char *value = secure_getenv(kept[i]);
        values[i] = value ? strdup(value) : NULL;
    }
    clearenv();
    for (size_t i = 0; i < KEPT; i++) {
        if (values[i])
            setenv(kept[i], values[i], 1);
        free(values[i]);
    }
}

int walls_begin(void)
{
    static const struct rlimit none = {0, 0};
    if (prctl(PR_SET_DUMPABLE, 0) || setrlimit(RLIMIT_CORE, &none))
        return -1;
    if (geteuid() == 0 || geteuid() != getuid() || getegid() != getgid() ||
        getauxval(AT_SECURE))
        forget_environment();
    return 0;
}
