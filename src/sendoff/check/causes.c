// SPDX-License-Identifier: ISC
#include "sendoff/check/causes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

// What is held needs no other reason, and of what was not tried there is none.
static const char *reason_of(const struct listed *one)
{
    if (one->state == LISTED_HELD)
        return "";
    if (one->state == LISTED_WAITING && !one->entry->block.attempts)
        return "not tried yet";
    return one->reason;
}

void causes_add(struct causes *c, const struct listed *one)
{
    struct cause *cause = c->cause;
    struct outcome clean;
    if (one->rests || one->state == LISTED_CLAIMED)
        return;
    outcome_text(&clean, span_of(reason_of(one)));
    while (cause < c->cause + c->n &&
           (cause->state != one->state || strcmp(cause->text, clean.text) != 0))
        cause++;
    if (cause == c->cause + CAUSES_MOST) {
        c->others++;
        return;
    }
    if (cause == c->cause + c->n) {
        *cause = (struct cause){.state = one->state};
        memcpy(cause->text, clean.text, sizeof cause->text);
        c->n++;
    }
    cause->messages++;
}

size_t causes_sort(struct causes *c)
{
    for (size_t i = 1; i < c->n; i++)
        for (size_t j = i; j && c->cause[j].messages > c->cause[j - 1].messages; j--) {
            struct cause kept = c->cause[j];
            c->cause[j] = c->cause[j - 1];
            c->cause[j - 1] = kept;
        }
    for (size_t i = CAUSES_SHOWN; i < c->n; i++)
        c->others += c->cause[i].messages;
    if (c->n > CAUSES_SHOWN)
        c->n = CAUSES_SHOWN;
    return c->n;
}

void causes_put(struct buf *out, const struct cause *cause)
{
    if (*cause->text)
        buf_printf(out, "%" PRIu64 " %s: %s", cause->messages, listed_word(cause->state),
                   cause->text);
}

const char *causes_advice(const struct cause *cause)
{
    switch (cause->state) {
    case LISTED_HELD: return "`sendoff queue release ID`, or ALL, lets go what is held";
    case LISTED_FAILED:
        return "`sendoff queue` names it; then `sendoff queue retry` or `delete`";
    case LISTED_FOREIGN:
    case LISTED_BROKEN: return "look at the file: it is not sent; sendoff-spool(5)";
    default: return "";
    }
}
