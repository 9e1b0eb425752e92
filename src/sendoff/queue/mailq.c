// SPDX-License-Identifier: ISC
#include "sendoff/queue/mailq.h"

#include <inttypes.h>
#include <time.h>

#include "base/clock.h"

enum {
    ADDRESS_COLUMN = 41, // where senders and recipients begin
    REASON_END = 76,     // a reason ends there, if it is not longer
};

static void put_clean(struct buf *out, const char *text)
{
    text_clean(out, span_of(text), ENVELOPE_ADDRESS_MAX);
}

// What stands behind the id: active, held, or not tried any more.
static const char *mark_of(enum listed_state state)
{
    switch (state) {
    case LISTED_CLAIMED: return "*";
    case LISTED_HELD: return "!";
    case LISTED_FAILED:
    case LISTED_FOREIGN:
    case LISTED_BROKEN: return "#";
    default: return "";
    }
}

static void put_reason(struct buf *out, const char *reason)
{
    struct buf clean = BUF_INIT(ENVELOPE_ADDRESS_MAX);
    put_clean(&clean, reason);
    int pad = clean.n < REASON_END ? REASON_END - (int)clean.n : 0;
    buf_printf(out, "%*s(%s)\n", pad, "", buf_str(&clean));
    buf_free(&clean);
}

void mailq_put(struct buf *out, const struct listing *l, const struct listed *one)
{
    const struct block *b = &one->entry->block;
    bool strange = one->state == LISTED_FOREIGN || one->state == LISTED_BROKEN;
    struct buf id = BUF_INIT(MAILDIR_NAME_MAX + 2);
    struct tm local;
    int offset;
    char when[32];
    buf_puts(out, l->messages > 1 ? "\n"
                                  : "-Queue ID-  --Size-- ----Arrival Time---- "
                                    "-Sender/Recipient-------\n");
    clock_local((strange ? one->entry->next : b->arrival) / CLOCK_SECOND_US, &local, &offset);
    strftime(when, sizeof when, "%a %b %e %H:%M:%S", &local);
    buf_printf(&id, "%.*s%s", SPAN_ARGS(entry_id(one->entry)), mark_of(one->state));
    buf_printf(out, "%-11s %7" PRIu64 " %-20.20s ", buf_str(&id), strange ? 0 : b->octets,
               when);
    buf_free(&id);
    const char *sender = strange ? "" : envelope_sender(&b->envelope);
    put_clean(out, *sender ? sender : "MAILER-DAEMON");
    buf_putc(out, '\n');
    if (*one->reason)
        put_reason(out, one->reason);
    for (size_t i = 0; !strange && i < envelope_count(&b->envelope); i++) {
        if (!listed_concerns(one, i))
            continue;
        buf_printf(out, "%*s", ADDRESS_COLUMN, "");
        put_clean(out, envelope_address(&b->envelope, i));
        buf_putc(out, '\n');
    }
}

void mailq_put_end(struct buf *out, const struct listing *l)
{
    if (l->messages == 0)
        buf_puts(out, "Mail queue is empty\n");
    else
        buf_printf(out, "\n-- %" PRIu64 " Kbytes in %" PRIu64 " Request%s.\n", l->octets / 1024,
                   l->messages, l->messages == 1 ? "" : "s");
}
