// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "config/home.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/port.h"

const char *home_distrust(void)
{
    if (geteuid() != getuid())
        return "the effective user is not the real one";
    if (port_is_elevated())
        return "this program runs with another's rights (AT_SECURE)";
    return NULL;
}

const char *home_variable(const char *name)
{
    const char *value = home_distrust() ? NULL : getenv(name);
    return value && value[0] == '/' ? value : NULL;
}

bool home_place(const char *variable, const char *below, struct buf *out)
{
    if (geteuid() == 0)
        return false;
    const char *place = home_variable(variable);
    if (place) {
        buf_puts(out, place);
        return true;
    }
    const char *home = home_variable("HOME");
    if (!home) {
        const struct passwd *user = getpwuid(geteuid());
        home = user ? user->pw_dir : NULL;
    }
    if (!home || home[0] != '/')
        return false;
    buf_printf(out, "%s/%s", home, below);
    return true;
}
