// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendmail/identity.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "message/phrase.h"

enum { NAME_MAX_OCTETS = 1024 };

void identity_find(struct identity *who)
{
    *who = (struct identity){BUF_INIT(NAME_MAX_OCTETS), BUF_INIT(NAME_MAX_OCTETS)};
    struct passwd *pw = getpwuid(geteuid());
    const char *name = geteuid() == getuid() ? secure_getenv("NAME") : NULL;
    if (pw && pw->pw_name && *pw->pw_name)
        buf_puts(&who->login, pw->pw_name);
    else
        buf_printf(&who->login, "uid%u", (unsigned)geteuid());
    if (name && *name)
        buf_puts(&who->full_name, name);
    else if (pw && pw->pw_gecos)
        phrase_gecos(&who->full_name, span_of(pw->pw_gecos), buf_span(&who->login));
}

void identity_free(struct identity *who)
{
    buf_free(&who->login);
    buf_free(&who->full_name);
}
