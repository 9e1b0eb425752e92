// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/queue/listing.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/io.h"
#include "sendoff/spools/login.h"
#include "sendoff/spools/spools.h"
#include "sendoff/spools/worklist.h"
#include "spool/lock.h"
#include "spool/schedule.h"

enum { USER_MAX = 256 }; // octets of a login name

struct walk {
    struct listing *listing;
    const struct place *spool;
    struct maildir maildir;
    uid_t owner; // of the message, and his login name
    struct buf user;
    bool busy; // a pass may be at work there
    void (*tell)(const struct listing *l, const struct listed *one, void *context);
    void *context;
};

const char *listed_word(enum listed_state state)
{
    static const char *const words[] = {
        [LISTED_WAITING] = "waiting", [LISTED_CLAIMED] = "claimed",
        [LISTED_HELD] = "held",       [LISTED_FAILED] = "failed",
        [LISTED_SETTLED] = "settled", [LISTED_CANCELLED] = "cancelled",
        [LISTED_FOREIGN] = "foreign", [LISTED_BROKEN] = "broken",
    };
    return words[state];
}

static bool has_failed(enum recipient_status status)
{
    return status == RECIPIENT_FAILED || status == RECIPIENT_REPORTED;
}

enum listed_state listed_judge(const struct entry *e, enum entry_answer answer)
{
    if (answer != ENTRY_OPEN)
        return answer == ENTRY_FOREIGN ? LISTED_FOREIGN : LISTED_BROKEN;
    const struct envelope *v = &e->block.envelope;
    bool failed = e->place == MAILDIR_FAILED_NEW || e->place == MAILDIR_FAILED_CUR;
    if (entry_is_cancelled(e))
        return LISTED_CANCELLED;
    if (failed)
        return LISTED_FAILED;
    if (envelope_waiting(v))
        return entry_is_held(e) ? LISTED_HELD : LISTED_WAITING;
    for (size_t i = 0; i < envelope_count(v); i++)
        failed |= has_failed(envelope_recipient(v, i)->status);
    return failed ? LISTED_FAILED : LISTED_SETTLED;
}

bool listed_concerns(const struct listed *one, size_t recipient)
{
    enum recipient_status status =
        envelope_recipient(&one->entry->block.envelope, recipient)->status;
    if (status == RECIPIENT_WAITING)
        return true;
    return one->state == LISTED_FAILED && has_failed(status);
}

// What the listing says of it beyond its file.
static void explain(const struct listing *l, struct listed *one)
{
    static const char *const strange[] = {
        [LISTED_FOREIGN] = "of a format that is not ours",
        [LISTED_BROKEN] = "no message of ours, or not whole",
    };
    const struct block *b = &one->entry->block;
    one->next = one->entry->next;
    one->account = b->account;
    one->reason = b->reply;
    if (one->state == LISTED_FOREIGN || one->state == LISTED_BROKEN) {
        one->account = "";
        one->reason = strange[one->state];
    }
    if (!*one->account && one->state == LISTED_WAITING)
        one->account = l->account_name;
    // One that was put off for longer than that waits for its own sake.
    if (one->state == LISTED_WAITING && l->resting && one->next < l->account.not_before) {
        one->rests = true;
        one->account = l->account_name;
        one->reason = l->account.reply;
        one->next = l->account.not_before;
    }
}

static void count(struct listing *l, const struct listed *one)
{
    const struct block *b = &one->entry->block;
    l->messages++;
    l->count[one->state]++;
    if (one->state == LISTED_FOREIGN || one->state == LISTED_BROKEN)
        return;
    l->octets += b->octets;
    if ((one->state == LISTED_WAITING || one->state == LISTED_CLAIMED) &&
        b->arrival < l->oldest)
        l->oldest = b->arrival;
}

// The drop stores for others: whose a message is, its block says there, and nowhere else.
static void name_owner(struct walk *w, uid_t uid)
{
    buf_clear(&w->user);
    w->owner = uid;
    if (w->listing->all)
        login_find(uid, &w->user);
}

static void list_one(struct walk *w, enum maildir_place place, const char *name)
{
    struct entry e;
    enum entry_answer answer = entry_open(&e, &w->maildir, place, name, false);
    if (answer == ENTRY_OPEN && w->spool->drop)
        name_owner(w, e.block.uid);
    struct listed one = {.spool = buf_str(&w->spool->path),
                         .owner = w->owner,
                         .user = buf_str(&w->user),
                         .entry = &e};
    if (answer == ENTRY_OPEN || answer == ENTRY_BROKEN || answer == ENTRY_FOREIGN) {
        one.state = listed_judge(&e, answer);
        if (one.state == LISTED_WAITING && w->busy && io_is_locked(e.fd))
            one.state = LISTED_CLAIMED;
        if (one.state != LISTED_CANCELLED && one.state != LISTED_SETTLED) {
            explain(w->listing, &one);
            count(w->listing, &one);
            w->tell(w->listing, &one, w->context);
        }
    }
    entry_close(&e);
}

// Root's pass over all spools keeps its locks where nobody else can look.
static bool may_be_busy(const struct walk *w)
{
    if (w->listing->system)
        return true;
    int lock = io_open_beneath(w->maildir.root, LOCK_NAME, O_RDONLY, 0);
    bool busy = lock >= 0 && io_is_locked(lock);
    io_close(lock);
    return busy;
}

// With the owner's identity.
static int list_all(struct walk *w)
{
    static const enum maildir_place places[] = {MAILDIR_NEW, MAILDIR_CUR, MAILDIR_FAILED_NEW,
                                                MAILDIR_FAILED_CUR};
    struct worklist list;
    enum maildir_place place;
    const char *name;
    w->busy = may_be_busy(w);
    int bad = worklist_fill(&list, &w->maildir, places, MAILDIR_PLACES);
    while (!bad && worklist_next(&list, &place, &name))
        list_one(w, place, name);
    worklist_free(&list);
    return bad;
}

static int enter_and_list(struct walk *w)
{
    int bad = identity_enter(&w->spool->owner);
    if (!bad)
        bad = list_all(w);
    identity_leave();
    return bad;
}

static int list_spool(struct walk *w, struct buf *why)
{
    const char *path = buf_str(&w->spool->path);
    enum maildir_answer answer = spools_open(w->spool, &w->maildir);
    bool bad = answer == MAILDIR_OPEN ? enter_and_list(w) != 0
                                      : answer == MAILDIR_FOREIGN || errno != ENOENT;
    const char *reason = answer == MAILDIR_FOREIGN ? SPOOLS_FOREIGN : strerror(errno);
    maildir_close(&w->maildir);
    if (!bad)
        return 0;
    if (w->spool->above >= 0) {
        // What another user does with his own keeps nobody from the rest.
        diag_warn("%s: %s", path, reason);
        return 0;
    }
    buf_printf(why, "%s%s: %s", why->n ? "; " : "", path, reason);
    return EX_TEMPFAIL;
}

static void look_at_account(struct listing *l, const struct config *config)
{
    const struct config_account *account = config_account(config, "");
    struct buf dir = BUF_INIT(4096);
    if (account) {
        struct schedule s = {.first = config->retry_first, .longest = config->retry_longest};
        l->account_name = account->name;
        l->resting = config_account_dir(config, &dir) &&
                     account_peek(&l->account, buf_str(&dir), account->name) &&
                     !account_is_due(&l->account, &s, l->now);
    }
    buf_free(&dir);
}

int listing_run(struct listing *l, const struct config *config,
                void (*tell)(const struct listing *l, const struct listed *one, void *context),
                void *context, struct buf *why)
{
    struct walk w = {.listing = l,
                     .maildir = MAILDIR_CLOSED,
                     .user = BUF_INIT(USER_MAX),
                     .tell = tell,
                     .context = context};
    struct spools spools;
    struct buf root = BUF_INIT(PATH_MAX);
    int worst = 0;
    *l = (struct listing){.now = clock_wall(), .account_name = "", .oldest = INT64_MAX};
    look_at_account(l, config);
    l->system = config_spool_root(config, &root);
    spools_find(&spools, config);
    l->all = spools.root >= 0;
    for (size_t i = 0; i < spools.n; i++) {
        w.spool = &spools.place[i];
        name_owner(&w, w.spool->owner.uid);
        int status = list_spool(&w, why);
        worst = status ? status : worst;
    }
    spools_free(&spools);
    buf_free(&w.user);
    buf_free(&root);
    return worst;
}
