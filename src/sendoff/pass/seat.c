// SPDX-License-Identifier: ISC
#include "sendoff/pass/seat.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/io.h"
#include "sendoff/pass/choose.h"
#include "sendoff/pass/pass.h"
#include "spool/lock.h"

enum { LOOKS = 256 }; // files that are looked at in one turn

void seat_init(struct seat *s, const struct place *place)
{
    *s = (struct seat){.place = place, .maildir = MAILDIR_CLOSED, .lock = -1};
    worklist_init(&s->list);
}

void seat_free(struct seat *s)
{
    worklist_free(&s->list);
}

// Another user's spool; ours are those whose trouble is our own.
static bool is_others(const struct seat *s)
{
    return s->place->above >= 0;
}

static bool enter(const struct seat *s)
{
    if (identity_enter(&s->place->owner) == 0)
        return true;
    diag_log(LOG_ERR, "%s: its owner's identity can not be had: %s", buf_str(&s->place->path),
             strerror(errno));
    return false;
}

static enum seat_state refuse(struct pass *p, struct seat *s, const char *what,
                              const char *reason)
{
    struct buf text = BUF_INIT(8192);
    buf_printf(&text, "%s: %s%s", buf_str(&s->place->path), what, reason);
    if (is_others(s)) {
        diag_log(LOG_WARNING, "%s", buf_str(&text));
    } else {
        buf_clear(p->why);
        buf_put_span(p->why, buf_span(&text));
        p->status = EX_TEMPFAIL;
    }
    buf_free(&text);
    return SEAT_DONE;
}

void seat_complain(struct pass *p, struct seat *s)
{
    struct buf holder = BUF_INIT(256);
    buf_puts(&holder, "somebody");
    if (spools_open(s->place, &s->maildir) == MAILDIR_OPEN && enter(s)) {
        buf_clear(&holder);
        lock_holder(s->maildir.root, LOCK_NAME, &holder);
        identity_leave();
    }
    maildir_close(&s->maildir);
    buf_puts(&holder, ")");
    (void)refuse(p, s, "another flush is at work (", buf_str(&holder));
    buf_free(&holder);
    p->result->busy |= !is_others(s);
    p->result->left++;
}

static enum seat_state open_maildir(struct pass *p, struct seat *s)
{
    enum maildir_answer answer = spools_open(s->place, &s->maildir);
    if (answer == MAILDIR_OPEN)
        return SEAT_OPEN;
    if (answer == MAILDIR_TROUBLE && errno == ENOENT)
        return SEAT_DONE;
    if (answer == MAILDIR_TROUBLE && errno == EWOULDBLOCK)
        return SEAT_BUSY;
    return refuse(p, s, answer == MAILDIR_FOREIGN ? SPOOLS_FOREIGN : strerror(errno), "");
}

// An empty spool is left at once: nothing is written to it.
static enum seat_state list(struct pass *p, struct seat *s)
{
    static const enum maildir_place places[] = {MAILDIR_NEW, MAILDIR_CUR};
    maildir_sweep(&s->maildir, clock_wall() / CLOCK_SECOND_US);
    if (!s->listed && worklist_fill(&s->list, &s->maildir, places, 2)) {
        worklist_free(&s->list);
        return refuse(p, s, "can not be listed: ", strerror(errno));
    }
    s->listed = true;
    return worklist_left(&s->list) ? SEAT_OPEN : SEAT_DONE;
}

// Root's pass has a lock of its own where users can not be in the way (serve.h): nothing about
// another user's keeps it from serving him.
static enum seat_state lock(struct pass *p, struct seat *s)
{
    s->lock = lock_take(s->maildir.root, LOCK_NAME);
    if (s->lock >= 0 || is_others(s))
        return SEAT_OPEN;
    if (errno == EWOULDBLOCK)
        return SEAT_BUSY;
    return refuse(p, s, "the lock can not be taken: ", strerror(errno));
}

static void begin(struct pass *p, struct seat *s)
{
    const struct config *config = p->config;
    const struct place *place = s->place;
    s->settlement = (struct settlement){
        .maildir = &s->maildir,
        .schedule = p->schedule,
        .expire = config->expire,
        .warn_after = config->warn_after,
        .reports = {.config = config,
                    .account = p->account,
                    .owner = &place->owner,
                    .list = &s->list,
                    .uid = place->owner.uid,
                    .drop = place->drop,
                    .shared = is_others(s)},
    };
    settle_begin(&s->settlement, is_others(s) ? p->pass_lock : s->lock);
    s->turns = 0;
    s->exhausted = s->leaving = false;
}

static void let_go(struct seat *s)
{
    io_close(s->lock);
    s->lock = -1;
    maildir_close(&s->maildir);
}

enum seat_state seat_open(struct pass *p, struct seat *s)
{
    s->state = open_maildir(p, s);
    if (s->state == SEAT_OPEN) {
        if (enter(s)) {
            s->state = list(p, s);
            if (s->state == SEAT_OPEN)
                s->state = lock(p, s);
            identity_leave();
        } else {
            s->state = SEAT_DONE;
        }
    }
    if (s->state == SEAT_OPEN)
        begin(p, s);
    else
        let_go(s);
    return s->state;
}

bool seat_more(struct seat *s)
{
    bool open = s->state == SEAT_OPEN, more = false;
    if (!open && spools_open(s->place, &s->maildir) != MAILDIR_OPEN) {
        maildir_close(&s->maildir);
        return false;
    }
    if (enter(s)) {
        more = worklist_more(&s->list, &s->maildir);
        identity_leave();
    }
    if (!open)
        maildir_close(&s->maildir);
    s->listed = true;
    return more;
}

void seat_close(struct pass *p, struct seat *s)
{
    if (enter(s)) {
        settle_end(&s->settlement);
        identity_leave();
    }
    settle_add_counts(&p->result->counts, &s->settlement.counts);
    p->result->left += s->settlement.deferred;
    let_go(s);
    s->state = s->leaving && !s->exhausted ? SEAT_WAITING : SEAT_DONE;
}

enum seat_choice seat_choose(struct pass *p, struct seat *s, struct entry *e)
{
    enum seat_choice choice = SEAT_NOTHING;
    s->looks = LOOKS;
    if (enter(s)) {
        choice = choose_next(p, s, e);
        identity_leave();
    }
    s->exhausted = choice == SEAT_NOTHING;
    s->had_mail |= choice == SEAT_CHOSEN;
    return choice;
}

bool seat_claim(struct pass *p, struct seat *s, struct entry *e)
{
    enum entry_answer answer = ENTRY_TROUBLE;
    if (enter(s)) {
        answer = entry_claim(e, p->account->name);
        identity_leave();
    }
    if (answer == ENTRY_OPEN && envelope_waiting(&e->block.envelope))
        return true;
    if (answer == ENTRY_TROUBLE && choose_may_complain(s)) {
        struct span id = entry_id(e);
        diag_log(LOG_ERR, "%.*s: can not be claimed: %s", SPAN_ARGS(id), strerror(errno));
    }
    p->result->left += answer == ENTRY_BUSY || answer == ENTRY_TROUBLE;
    entry_close(e);
    return false;
}

void seat_put_back(struct seat *s, struct entry *e)
{
    worklist_add(&s->list, e->place, e->name);
    s->exhausted = false;
    entry_close(e);
}

void seat_give_back(struct parcel *parcel)
{
    struct seat *s = parcel->seat;
    struct entry *e = &parcel->entry;
    if (e->block.attempts)
        e->block.attempts--;
    if (enter(s)) {
        if (entry_write_state(e) || entry_schedule(e, e->next))
            diag_log(LOG_WARNING, "%s: an attempt too many is counted: %s", e->name,
                     strerror(errno));
        identity_leave();
    }
    worklist_add(&s->list, e->place, e->name);
    s->exhausted = false;
    s->out--;
    parcel_empty(parcel);
}

void seat_settle(struct parcel *parcel)
{
    struct seat *s = parcel->seat;
    s->out--;
    if (!enter(s)) { // what was said of it is lost, and the log has it
        s->settlement.counts.trouble++;
        parcel_empty(parcel);
        return;
    }
    if (parcel_is_partial(parcel)) {
        worklist_add(&s->list, parcel->entry.place, parcel->entry.name);
        s->exhausted = false;
    }
    settle(&s->settlement, parcel);
    identity_leave();
}

void seat_commit(struct seat *s)
{
    if (s->settlement.n == 0 || !enter(s))
        return;
    settle_commit(&s->settlement);
    identity_leave();
}
