// SPDX-License-Identifier: ISC
#include "sendoff/pass/choose.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/io.h"

// A file that is no message, or not whole, is never sent: it is set aside and named.
static void set_aside(struct pass *p, struct entry *e)
{
    struct span id = entry_id(e);
    bool moved = entry_fail(e) == 0 && io_sync(p->maildir.place[MAILDIR_FAILED_NEW]) == 0;
    p->result->broken++;
    diag_log(LOG_ERR, "%.*s: no message of ours, or not whole; %s", SPAN_ARGS(id),
             moved ? "moved to .failed" : "it can not be moved to .failed");
}

// It is held, and was asked for all the same. Where a power cut undoes this, it is held again.
static bool release(struct entry *e)
{
    if (entry_release(e) == 0)
        return true;
    struct span id = entry_id(e);
    diag_log(LOG_ERR, "%.*s: can not be released: %s", SPAN_ARGS(id), strerror(errno));
    return false;
}

// Whether an open message is to be tried in this pass; what is not is dealt with.
static bool is_ready(struct pass *p, struct entry *e)
{
    const struct select *select = p->options->select;
    bool held = entry_is_held(e);
    if (entry_is_cancelled(e) || (select ? !select_takes_held(select, held) : held))
        return false;
    if (select && !select_takes_envelope(select, &e->block.envelope))
        return false;
    if (held && !release(e))
        return false;
    if (envelope_waiting(&e->block.envelope) == 0) {
        settle_rest(&p->settlement, e);
        return false;
    }
    if (p->options->due && !schedule_is_due(&p->settlement.schedule, e->next, clock_wall())) {
        p->result->left++;
        return false;
    }
    return true;
}

static bool next_name(struct pass *p, enum maildir_place *place, const char **name)
{
    return worklist_next(&p->list, place, name) ||
           (worklist_follow(&p->list, &p->maildir) && worklist_next(&p->list, place, name));
}

bool choose_next(struct pass *p, struct entry *e)
{
    enum maildir_place place;
    const char *name;
    while (next_name(p, &place, &name)) {
        const struct select *select = p->options->select;
        if (select && !select_takes_id(select, maildir_id(span_of(name))))
            continue;
        enum entry_answer answer = entry_open(e, &p->maildir, place, name, true);
        if (answer == ENTRY_OPEN && is_ready(p, e))
            return true;
        if (answer == ENTRY_GONE)
            worklist_gone(&p->list);
        if (answer == ENTRY_BROKEN)
            set_aside(p, e);
        if (answer == ENTRY_FOREIGN)
            diag_log(LOG_WARNING, "%s: of a format that is not ours; left alone", name);
        if (answer == ENTRY_TROUBLE)
            diag_log(LOG_ERR, "%s: can not be read: %s", name, strerror(errno));
        if (answer == ENTRY_BUSY || answer == ENTRY_TROUBLE)
            p->result->left++;
        entry_close(e);
    }
    return false;
}
