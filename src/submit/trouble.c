// SPDX-License-Identifier: ISC
#include "submit/trouble.h"

#include <stdarg.h>
#include <stdio.h>

static const uint16_t codes[][2] = {
#define TROUBLE_CODE(name, subject, detail) [name] = {subject, detail},
    TROUBLE_KINDS(TROUBLE_CODE)
#undef TROUBLE_CODE
};

void trouble_set(struct outcome *o, enum trouble_kind kind, const char *fmt, ...)
{
    char raw[1024];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(raw, sizeof raw, fmt, ap);
    va_end(ap);
    size_t length = n < 0 ? 0 : (size_t)n < sizeof raw ? (size_t)n : sizeof raw - 1;
    *o = (struct outcome){.verdict = VERDICT_DEFERRED,
                          .scope = SCOPE_SESSION,
                          .status = {4, codes[kind][0], codes[kind][1]}};
    outcome_text(o, (struct span){raw, length});
}

bool trouble_is(const struct outcome *o, enum trouble_kind kind)
{
    return !o->code && o->status[1] == codes[kind][0] && o->status[2] == codes[kind][1];
}
