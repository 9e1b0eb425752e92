// SPDX-License-Identifier: ISC
#include "message/throttle.h"

#include <stddef.h>

// All words of a row have to stand in the text; the first row that fits counts.
static const struct {
    const char *words[2];
    enum throttle throttle;
} rows[] = {
    {{"concurrent", NULL}, THROTTLE_CONNECTIONS},
    {{"simultaneous", NULL}, THROTTLE_CONNECTIONS},
    {{"parallel", "connection"}, THROTTLE_CONNECTIONS},
    {{"many connections", NULL}, THROTTLE_CONNECTIONS},
    {{"many sessions", NULL}, THROTTLE_CONNECTIONS},
    {{"many open", NULL}, THROTTLE_CONNECTIONS},
    {{"connection limit", NULL}, THROTTLE_CONNECTIONS},
    {{"connections exceeded", NULL}, THROTTLE_CONNECTIONS},
    {{"messages", "connection"}, THROTTLE_MESSAGES},
    {{"messages", "session"}, THROTTLE_MESSAGES},
    {{"mails", "connection"}, THROTTLE_MESSAGES},
    {{"transactions", "connection"}, THROTTLE_MESSAGES},
    {{"transactions", "session"}, THROTTLE_MESSAGES},
    {{"many messages", NULL}, THROTTLE_RATE},
    {{"too much mail", NULL}, THROTTLE_RATE},
    {{"rate limit", NULL}, THROTTLE_RATE},
    {{"message rate", NULL}, THROTTLE_RATE},
    {{"sending rate", NULL}, THROTTLE_RATE},
    {{"rate exceeded", NULL}, THROTTLE_RATE},
    {{"too fast", NULL}, THROTTLE_RATE},
    {{"slow down", NULL}, THROTTLE_RATE},
    {{"throttl", NULL}, THROTTLE_RATE},
};

static bool stands_in(struct span text, const char *words)
{
    return !words || span_find_nocase(text, span_of(words));
}

enum throttle throttle_of(const struct outcome *o)
{
    struct span text = span_of(o->text);
    if (o->code / 100 != 4)
        return THROTTLE_NONE;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (stands_in(text, rows[i].words[0]) && stands_in(text, rows[i].words[1]))
            return rows[i].throttle;
    return THROTTLE_NONE;
}
