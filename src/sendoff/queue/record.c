// SPDX-License-Identifier: ISC
#include "sendoff/queue/record.h"

#include "base/clock.h"
#include "base/json.h"

static const char *status_word(enum recipient_status status)
{
    switch (status) {
    case RECIPIENT_WAITING: return "waiting";
    case RECIPIENT_DELIVERED: return "delivered";
    case RECIPIENT_FAILED: return "failed";
    case RECIPIENT_REPORTED: return "reported";
    }
    return "";
}

// The codes of the last reply: "550 5.1.1".
static void put_detail(struct buf *out, const struct recipient *r)
{
    struct buf detail = BUF_INIT(64);
    if (r->code)
        buf_printf(&detail, "%u", r->code);
    if (r->detail[0])
        buf_printf(&detail, "%s%u.%u.%u", detail.n ? " " : "", r->detail[0], r->detail[1],
                   r->detail[2]);
    json_text(out, "detail", buf_span(&detail));
    buf_free(&detail);
}

static void put_recipients(struct buf *out, const struct envelope *e)
{
    json_open(out, "recipients", '[');
    for (size_t i = 0; i < envelope_count(e); i++) {
        const struct recipient *r = envelope_recipient(e, i);
        json_open(out, NULL, '{');
        json_text(out, "address", span_of(envelope_address(e, i)));
        json_text(out, "status", span_of(status_word(r->status)));
        put_detail(out, r);
        json_close(out, '}');
    }
    json_close(out, ']');
}

void record_put(struct buf *out, const struct listed *one)
{
    const struct block *b = &one->entry->block;
    json_open(out, NULL, '{');
    json_text(out, "id", entry_id(one->entry));
    json_text(out, "spool", span_of(one->spool));
    json_number(out, "uid", (int64_t)one->owner);
    json_text(out, "state", span_of(listed_word(one->state)));
    if (one->state != LISTED_FOREIGN && one->state != LISTED_BROKEN) {
        json_text(out, "sender", span_of(envelope_sender(&b->envelope)));
        put_recipients(out, &b->envelope);
        json_number(out, "size", (int64_t)b->octets);
        json_number(out, "arrival", b->arrival / CLOCK_SECOND_US);
        json_number(out, "attempts", b->attempts);
        if (one->state == LISTED_WAITING)
            json_number(out, "next_attempt", one->next / CLOCK_SECOND_US);
        else
            json_null(out, "next_attempt");
        json_text(out, "account", span_of(one->account));
    }
    json_text(out, "reason", span_of(one->reason));
    json_close(out, '}');
    buf_putc(out, '\n');
}
