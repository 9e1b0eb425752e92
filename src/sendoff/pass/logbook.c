// SPDX-License-Identifier: ISC
#include "sendoff/pass/logbook.h"

#include <string.h>
#include <syslog.h>

#include "base/diag.h"

static int64_t not_below_zero(int64_t us)
{
    return us > 0 ? us : 0;
}

static struct event_delays delays(const struct parcel *p)
{
    int64_t begun = p->begun_at ? p->begun_at : p->ended;
    return (struct event_delays){
        .before = not_below_zero(p->taken - p->entry.block.arrival - p->connecting),
        .waiting = not_below_zero(begun - p->taken),
        .connecting = not_below_zero(p->connecting),
        .sending = not_below_zero(p->ended - begun),
    };
}

void logbook_attempt(const struct parcel *p, size_t recipient, const char *relay, uid_t uid)
{
    static const char *const words[] = {[VERDICT_DELIVERED] = "sent",
                                        [VERDICT_DEFERRED] = "deferred",
                                        [VERDICT_FAILED] = "bounced"};
    const struct outcome *o = parcel_outcome(p, recipient);
    const struct block *b = &p->entry.block;
    struct buf reply = BUF_INIT(OUTCOME_TEXT_MAX + 64);
    outcome_describe(&reply, o);
    struct event e = {.kind = EVENT_ATTEMPTED,
                      .level = LOG_INFO,
                      .id = entry_id(&p->entry),
                      .uid = uid,
                      .sender = envelope_sender(&b->envelope),
                      .recipient = envelope_address(&b->envelope, recipient),
                      .account = *b->account ? b->account : NULL,
                      .relay = relay,
                      .delays = delays(p),
                      .code = o->code,
                      .status = words[o->verdict],
                      .text = buf_str(&reply)};
    memcpy(e.detail, o->status, sizeof e.detail);
    diag_event(&e);
    buf_free(&reply);
}

void logbook_removed(const struct parcel *p, uid_t uid)
{
    struct event e = {
        .kind = EVENT_REMOVED, .level = LOG_INFO, .id = entry_id(&p->entry), .uid = uid};
    diag_event(&e);
}

void logbook_report(const struct block *report, struct span about, const char *id,
                    enum bounce_kind kind)
{
    static const char *const words[] = {
        [BOUNCE_FAILED] = "sender non-delivery notification",
        [BOUNCE_DELAYED] = "sender delay notification",
        [BOUNCE_RELAYED] = "sender delivery status notification"};
    struct event e = {.kind = EVENT_REPORTED,
                      .level = LOG_INFO,
                      .id = about,
                      .uid = report->uid,
                      .sender = envelope_sender(&report->envelope),
                      .size = report->octets,
                      .recipients = envelope_count(&report->envelope),
                      .recipient = envelope_address(&report->envelope, 0),
                      .report = words[kind],
                      .report_id = span_of(id)};
    diag_event(&e);
}

void logbook_line(const char *account, const char *relay, const struct outcome *o)
{
    struct event e = {.kind = EVENT_LINE,
                      .level = LOG_WARNING,
                      .uid = -1,
                      .account = account,
                      .relay = relay,
                      .code = o->code,
                      .text = o->text};
    diag_event(&e);
}
