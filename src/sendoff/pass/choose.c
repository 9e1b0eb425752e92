// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/pass/choose.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/io.h"
#include "sendoff/pass/pass.h"

enum { COMPLAINTS = 20 }; // lines of the log about single files, in one pass

bool choose_may_complain(struct seat *s)
{
    if (s->complaints > COMPLAINTS)
        return false;
    if (s->complaints++ < COMPLAINTS)
        return true;
    diag_log(LOG_WARNING, "%s: more of the kind", buf_str(&s->place->path));
    return false;
}

// A file that is no message, or not whole, is never sent: it is set aside and named.
static void set_aside(struct pass *p, struct seat *s, struct entry *e)
{
    struct span id = entry_id(e);
    bool moved = entry_fail(e) == 0 && io_sync(s->maildir.place[MAILDIR_FAILED_NEW]) == 0;
    p->result->broken++;
    if (!choose_may_complain(s))
        return;
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
static bool is_ready(struct pass *p, struct seat *s, struct entry *e)
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
        settle_rest(&s->settlement, e);
        return false;
    }
    if (p->options->due && !schedule_is_due(&p->schedule, e->next, clock_wall())) {
        p->result->left++;
        return false;
    }
    return true;
}

static bool next_name(struct seat *s, enum maildir_place *place, const char **name)
{
    return worklist_next(&s->list, place, name) ||
           (worklist_follow(&s->list, &s->maildir) && worklist_next(&s->list, place, name));
}

// What a look at the name tells: of most messages that wait for their time no more is needed.
static bool rests(struct pass *p, const struct seat *s, enum maildir_place place,
                  const char *name)
{
    struct stat st;
    if (!p->options->due || io_stat_beneath(s->maildir.place[place], name, &st) ||
        !S_ISREG(st.st_mode))
        return false;
    int64_t next = (int64_t)st.st_mtim.tv_sec * CLOCK_SECOND_US + st.st_mtim.tv_nsec / 1000;
    return !schedule_is_due(&p->schedule, next, clock_wall());
}

static bool is_held_name(const char *name)
{
    struct span flags = maildir_flags(span_of(name));
    return flags.n && (memchr(flags.p, 'H', flags.n) || memchr(flags.p, 'T', flags.n));
}

// Opens one, and deals with it. Whether it is to be tried.
static bool take(struct pass *p, struct seat *s, enum maildir_place place, const char *name,
                 struct entry *e)
{
    enum entry_answer answer = entry_open(e, &s->maildir, place, name, true);
    if (answer == ENTRY_OPEN && is_ready(p, s, e))
        return true;
    if (answer == ENTRY_GONE)
        worklist_gone(&s->list);
    if (answer == ENTRY_BROKEN)
        set_aside(p, s, e);
    if (answer == ENTRY_FOREIGN && choose_may_complain(s))
        diag_log(LOG_WARNING, "%s: of a format that is not ours; left alone", name);
    if (answer == ENTRY_TROUBLE && choose_may_complain(s))
        diag_log(LOG_ERR, "%s: can not be read: %s", name, strerror(errno));
    if (answer == ENTRY_BUSY || answer == ENTRY_TROUBLE)
        p->result->left++;
    entry_close(e);
    return false;
}

enum seat_choice choose_next(struct pass *p, struct seat *s, struct entry *e)
{
    enum maildir_place place;
    const char *name;
    while (next_name(s, &place, &name)) {
        const struct select *select = p->options->select;
        if (select && !select_takes_id(select, maildir_id(span_of(name))))
            continue;
        if (s->looks-- == 0) {
            s->list.at--; // the same one, next time
            return SEAT_AGAIN;
        }
        if (rests(p, s, place, name)) {
            p->result->left += !is_held_name(name);
            continue;
        }
        if (take(p, s, place, name, e))
            return SEAT_CHOSEN;
    }
    return SEAT_NOTHING;
}
