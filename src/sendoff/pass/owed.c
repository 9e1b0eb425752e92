// SPDX-License-Identifier: ISC
#include "sendoff/pass/owed.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>

#include "base/clock.h"
#include "base/diag.h"

struct gathering {
    const struct reports *reports;
    struct digest digest;
    struct worklist told;                  // the messages in it
    char sender[ENVELOPE_ADDRESS_MAX + 1]; // of the first of them
    bool several;                          // not all of them are from that one
};

// Opens and locks a message that is still as it was listed. False, and nothing open, where it
// is not.
static bool open_one(struct entry *e, const struct reports *r, enum maildir_place place,
                     const char *name)
{
    enum entry_answer answer = entry_open(e, r->maildir, place, name, true);
    if (answer == ENTRY_OPEN && entry_lock(e) == ENTRY_OPEN && !entry_is_held(e) &&
        !entry_is_cancelled(e) && envelope_waiting(&e->block.envelope) == 0)
        return true;
    entry_close(e);
    return false;
}

static bool gather_one(struct gathering *g, const struct entry *e)
{
    const char *from = envelope_sender(&e->block.envelope);
    struct bounce_date arrival;
    clock_local(e->block.arrival / CLOCK_SECOND_US, &arrival.local, &arrival.offset);
    if (!digest_add(&g->digest, entry_id(e), &arrival, &e->block))
        return false;
    if (g->told.items.n == 0)
        memcpy(g->sender, from, strlen(from) + 1);
    g->several |= !envelope_same(span_of(from), span_of(g->sender));
    worklist_add(&g->told, e->place, e->name);
    return true;
}

static void gather(struct gathering *g, struct worklist *list)
{
    enum maildir_place place;
    const char *name;
    struct entry e;
    bool room = true;
    while (room && worklist_next(list, &place, &name)) {
        if (!open_one(&e, g->reports, place, name))
            continue;
        room = gather_one(g, &e);
        entry_close(&e);
    }
}

static void finish(struct gathering *g, bool durable, unsigned *touched, uint64_t *trouble)
{
    enum maildir_place place;
    const char *name;
    struct entry e;
    while (worklist_next(&g->told, &place, &name)) {
        if (!open_one(&e, g->reports, place, name))
            continue;
        if (durable ? entry_remove(&e) : entry_fail(&e)) {
            ++*trouble;
            diag_log(LOG_ERR, "%s: failed, but it can not be %s: %s", name,
                     durable ? "removed" : "moved to .failed", strerror(errno));
        }
        *touched |= e.touched;
        entry_close(&e);
    }
}

void owed_settle(struct worklist *list, struct reports *r, unsigned *touched, uint64_t *trouble)
{
    struct gathering g = {.reports = r};
    if (r->shared)
        quota_switch(&r->quota, r->uid);
    if (list->items.n == 0 || !quota_allows(&r->quota, QUOTA_DIGEST, clock_wall()))
        return;
    digest_init(&g.digest);
    worklist_init(&g.told);
    gather(&g, list);
    if (g.digest.messages) {
        bool durable = report_digest(r, &g.digest, g.several ? NULL : g.sender) ==
                       REPORT_QUEUED;
        if (!durable)
            diag_log(LOG_ERR, "no digest of %zu failed messages: %s; they go to .failed",
                     g.digest.messages, r->why);
        finish(&g, durable, touched, trouble);
    }
    digest_free(&g.digest);
    worklist_free(&g.told);
}
