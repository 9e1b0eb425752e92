// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/queue/edit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/io.h"
#include "sendoff/queue/listing.h"
#include "sendoff/queue/pick.h"

enum {
    TRIES = 6,              // for a message that is renamed, or looked at, just now
    GROUP_MAX = 8192,       // octets of lines that one sync stands for
    NAP = 50 * 1000 * 1000, // nanoseconds
};

struct editing {
    struct pick pick;
    enum edit_verb verb;
    bool all;
    struct buf lines; // what is said once it is synced
    size_t spool;     // the one that was worked in
    unsigned touched; // places of it, not synced yet
    int status;
    struct buf *why;
};

static int worse(int a, int b)
{
    return a > b ? a : b;
}

// Descriptors only: it needs nobody's identity.
static void commit(struct editing *w)
{
    bool bad = false;
    for (int place = 0; place < MAILDIR_PLACES; place++)
        if (w->touched & 1U << place && io_sync(w->pick.maildir.place[place])) {
            diag_warn("%s: can not be synced: %s; a power cut may undo what was done",
                      buf_str(&w->pick.spools.place[w->spool].path), strerror(errno));
            bad = true;
        }
    w->touched = 0;
    if (bad)
        w->status = EX_TEMPFAIL;
    else
        fputs(buf_str(&w->lines), stdout);
    buf_clear(&w->lines);
}

// Everybody who has not got it is to get it: waits again.
static int revive(struct entry *e)
{
    const struct envelope *v = &e->block.envelope;
    for (size_t i = 0; i < envelope_count(v); i++) {
        const struct recipient *r = envelope_recipient(v, i);
        struct outcome again = {.verdict = VERDICT_DEFERRED, .code = r->code};
        memcpy(again.status, r->detail, sizeof again.status);
        if ((r->status == RECIPIENT_FAILED || r->status == RECIPIENT_REPORTED) &&
            entry_mark(e, i, &again))
            return -1;
    }
    e->block.doubts = 0;
    if (entry_write_state(e) || entry_schedule(e, clock_wall()) || entry_sync(e))
        return -1;
    return entry_requeue(e);
}

static int make_due(struct entry *e)
{
    return entry_schedule(e, clock_wall());
}

static int let_go(struct entry *e)
{
    return make_due(e) || entry_release(e) ? -1 : 0;
}

// A crash may have left it in the queue under a second name: it goes from there, too.
static int remove_whole(struct entry *e)
{
    struct stat st;
    char name[MAILDIR_NAME_MAX + 1];
    enum maildir_place place;
    if (entry_remove(e))
        return -1;
    while (e->fd >= 0 && io_stat(e->fd, &st) == 0 && st.st_nlink > 0 &&
           maildir_find(e->maildir, entry_id(e), &st, &place, name)) {
        if (io_unlink(e->maildir->place[place], name) && errno != ENOENT)
            return -1;
        e->touched |= 1U << place;
    }
    return 0;
}

static int nothing(struct entry *e)
{
    (void)e;
    return 0;
}

// What a verb does to a message in a state; no row: it can not be done to it.
static const struct {
    enum edit_verb verb;
    enum listed_state state;
    bool by_all; // also where all are meant
    int (*run)(struct entry *e);
    const char *done;
} deeds[] = {
    {EDIT_HOLD, LISTED_WAITING, true, entry_hold, "held"},
    {EDIT_HOLD, LISTED_HELD, false, nothing, "held"},
    {EDIT_RELEASE, LISTED_WAITING, false, nothing, "not held"},
    {EDIT_RELEASE, LISTED_HELD, true, let_go, "released"},
    {EDIT_RELEASE, LISTED_FAILED, true, revive, "back in the queue"},
    {EDIT_RETRY, LISTED_WAITING, true, make_due, "due now"},
    {EDIT_RETRY, LISTED_HELD, false, let_go, "released"},
    {EDIT_RETRY, LISTED_FAILED, true, revive, "back in the queue"},
    {EDIT_DELETE, LISTED_WAITING, true, remove_whole, "deleted"},
    {EDIT_DELETE, LISTED_HELD, true, remove_whole, "deleted"},
    {EDIT_DELETE, LISTED_FAILED, true, remove_whole, "deleted"},
    {EDIT_DELETE, LISTED_SETTLED, true, remove_whole, "deleted"},
    {EDIT_DELETE, LISTED_CANCELLED, true, remove_whole, "deleted"},
    {EDIT_DELETE, LISTED_BROKEN, true, remove_whole, "deleted"},
    {EDIT_DELETE, LISTED_FOREIGN, false, remove_whole, "deleted"},
};

// The message is locked.
static void apply(struct editing *w, struct entry *e, enum listed_state state)
{
    struct span id = entry_id(e);
    for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++) {
        if (deeds[i].verb != w->verb || deeds[i].state != state)
            continue;
        if (w->all && !deeds[i].by_all)
            return;
        if (deeds[i].run(e)) {
            diag_warn("%.*s: %s", SPAN_ARGS(id), strerror(errno));
            w->status = EX_TEMPFAIL;
            return;
        }
        w->touched |= e->touched | 1U << e->place;
        buf_printf(&w->lines, "%.*s: %s\n", SPAN_ARGS(id), deeds[i].done);
        if (w->lines.n > GROUP_MAX - 256)
            commit(w);
        return;
    }
    if (w->all)
        return;
    diag_warn("%.*s: it %s %s", SPAN_ARGS(id), state == LISTED_FAILED ? "has" : "is",
              listed_word(state));
    w->status = worse(w->status, EX_DATAERR);
}

static enum entry_answer lock(struct entry *e, const struct maildir *m, const struct picked *at)
{
    enum entry_answer answer = entry_open(e, m, at->place, at->name, true);
    bool open = answer == ENTRY_OPEN || answer == ENTRY_BROKEN || answer == ENTRY_FOREIGN;
    return open && e->fd >= 0 ? entry_lock(e) : answer;
}

// With the owner's identity.
static enum entry_answer try_one(struct editing *w, const struct maildir *m,
                                 const struct picked *at)
{
    static const struct timespec nap = {.tv_nsec = NAP};
    struct entry e;
    enum entry_answer answer = lock(&e, m, at);
    // Whoever lists the queue locks for a moment, too.
    for (int i = 1; i < TRIES && answer == ENTRY_BUSY; i++) {
        entry_close(&e);
        nanosleep(&nap, NULL);
        answer = lock(&e, m, at);
    }
    if (answer == ENTRY_OPEN || answer == ENTRY_BROKEN || answer == ENTRY_FOREIGN)
        apply(w, &e, listed_judge(&e, answer));
    entry_close(&e);
    return answer;
}

// Returns false where it is not where it was.
static bool edit_one(struct editing *w, const struct picked *at)
{
    if (at->spool != w->spool)
        commit(w);
    w->spool = at->spool;
    const struct maildir *m = pick_enter(&w->pick, at->spool);
    enum entry_answer answer = m ? try_one(w, m, at) : ENTRY_TROUBLE;
    identity_leave();
    if (answer == ENTRY_BUSY || answer == ENTRY_TROUBLE) {
        diag_warn("%.*s: %s", SPAN_ARGS(maildir_id(span_of(at->name))),
                  answer == ENTRY_BUSY ? "it is being sent now" : strerror(errno));
        w->status = EX_TEMPFAIL;
    }
    return answer != ENTRY_GONE;
}

static void edit_all(struct editing *w)
{
    struct picked at;
    while (pick_next(&w->pick, &at))
        if (!edit_one(w, &at))
            pick_gone(&w->pick);
}

static void edit_named(struct editing *w, const char *name)
{
    struct buf id = BUF_INIT(MAILDIR_NAME_MAX);
    struct picked at;
    enum pick_answer answer = pick_find(&w->pick, span_of(name), &at);
    for (int i = 0; i < TRIES && answer == PICK_ONE; i++) {
        if (edit_one(w, &at)) {
            buf_free(&id);
            return;
        }
        // Mail readers rename; and what was to be sent may have been sent.
        commit(w);
        buf_clear(&id);
        buf_put_span(&id, maildir_id(span_of(at.name)));
        answer = pick_again(&w->pick, w->why) ? PICK_NONE
                                              : pick_find(&w->pick, buf_span(&id), &at);
    }
    buf_free(&id);
    pick_complain(answer, name);
    w->status = worse(w->status, answer == PICK_SEVERAL ? EX_DATAERR : EX_NOINPUT);
}

int edit(const struct config *config, enum edit_verb verb, char *const *ids, size_t n,
         struct buf *why)
{
    struct editing w = {
        .verb = verb,
        .all = n == 1 && strcmp(ids[0], "ALL") == 0,
        .lines = BUF_INIT(GROUP_MAX),
        .why = why,
    };
    w.status = pick_init(&w.pick, config, why);
    if (!w.status) {
        if (w.all)
            edit_all(&w);
        for (size_t i = 0; i < n && !w.all; i++)
            edit_named(&w, ids[i]);
        commit(&w);
    }
    pick_free(&w.pick);
    buf_free(&w.lines);
    return w.status;
}
