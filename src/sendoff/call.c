// SPDX-License-Identifier: ISC
#include "sendoff/call.h"

#include <string.h>
#include <sysexits.h>

char *call_value(struct call *call)
{
    if (!call->argc)
        return NULL;
    call->argc--;
    return *call->argv++;
}

bool call_takes(struct call *call, const char *word)
{
    return call->argc && strcmp(call->argv[0], word) == 0 && call_value(call);
}

bool call_is_option(const struct call *call)
{
    return call->argc && call->argv[0][0] == '-';
}

bool call_is_new(const struct call *call)
{
    return !call->usable && !call->config->path[0] && !call->config->ignored.n;
}

int call_unusable(struct call *call)
{
    buf_puts(call->why, buf_str(&call->config->problem));
    if (call_is_new(call))
        buf_puts(call->why, "; `sendoff setup` makes one");
    return EX_CONFIG;
}

int call_usage(struct call *call, const char *what)
{
    buf_printf(call->why, "%s; see sendoff(1)", what);
    return EX_USAGE;
}
