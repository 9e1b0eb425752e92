// SPDX-License-Identifier: ISC
#include "message/heal.h"

#include <stddef.h>

// Code and enhanced status as providers give them. `words`, where not NULL, must stand in the
// text: that status is used for other things, too.
static const struct {
    uint16_t code, status[3];
    const char *words;
} replies[] = {
    {421, {4, 7, 0}, NULL},    // Google: try again later
    {432, {4, 3, 2}, NULL},    // Microsoft 365: concurrent connections, sender thread limit
    {450, {4, 2, 1}, "rate"},  // Google: sending too fast
    {451, {4, 7, 0}, NULL},    // throttled
    {452, {4, 5, 3}, "quota"}, // Google: recipients of a day
    {454, {4, 7, 0}, NULL},    // Amazon SES: throttling failure; Google: too many logins
    {530, {5, 7, 0}, NULL},    // AUTH wanted again
    {530, {5, 7, 57}, NULL},   // Microsoft 365: client not authenticated
    {535, {5, 7, 3}, NULL},    // Exchange: authentication unsuccessful
    {535, {5, 7, 139}, NULL},  // Microsoft 365: basic authentication is disabled
    {550, {5, 4, 5}, NULL},    // Google: daily user sending quota exceeded
    {550, {5, 4, 6}, "Unusual sending"},         // Zoho: locked for a while
    {550, {5, 7, 30}, NULL},                     // Microsoft 365: basic authentication
    {550, {5, 1, 8}, "outbound spam"},           // Microsoft 365: restricted user
    {554, {5, 2, 0}, "SubmissionQuotaExceeded"}, // Microsoft 365: recipients of a day
    {554, {5, 7, 0}, "Daily message quota"},     // Amazon SES
};

bool heal_account(struct outcome *o)
{
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        const uint16_t *status = replies[i].status;
        if (o->code != replies[i].code || o->status[0] != status[0] ||
            o->status[1] != status[1] || o->status[2] != status[2])
            continue;
        if (replies[i].words && !span_find_nocase(span_of(o->text), span_of(replies[i].words)))
            continue;
        o->verdict = VERDICT_DEFERRED;
        return true;
    }
    return false;
}
