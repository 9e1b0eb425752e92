// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/spools/login.h"

#include <pwd.h>

bool login_is_wanted(const struct config *c, const struct config_account *a)
{
    return a->sender == SENDER_FORCE || c->null_sender == NULL_SENDER_REWRITE;
}

void login_find(uid_t uid, struct buf *out)
{
    const struct passwd *user = getpwuid(uid);
    if (user && user->pw_name && user->pw_name[0])
        buf_puts(out, user->pw_name);
    else
        buf_printf(out, "uid%lu", (unsigned long)uid);
}
