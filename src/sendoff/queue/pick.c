// SPDX-License-Identifier: ISC
#include "sendoff/queue/pick.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>

#include "base/diag.h"

enum { LISTS_MAX = 1 << 30 }; // octets; as many lists as places

static struct worklist *list_of(const struct pick *p, size_t spool)
{
    return (struct worklist *)(void *)p->lists.p + spool;
}

static bool is_own(const struct pick *p, size_t spool)
{
    return p->spools.place[spool].above < 0;
}

// Makes it the open one.
static enum maildir_answer open_spool(struct pick *p, size_t spool)
{
    maildir_close(&p->maildir);
    p->open = spool;
    return spools_open(&p->spools.place[spool], &p->maildir);
}

const struct maildir *pick_enter(struct pick *p, size_t spool)
{
    if ((p->open != spool || p->maildir.root < 0) && open_spool(p, spool) != MAILDIR_OPEN)
        return NULL;
    return identity_enter(&p->spools.place[spool].owner) ? NULL : &p->maildir;
}

static int fill(struct pick *p, size_t spool)
{
    static const enum maildir_place places[] = {MAILDIR_NEW, MAILDIR_CUR, MAILDIR_FAILED_NEW,
                                                MAILDIR_FAILED_CUR};
    const struct maildir *m = pick_enter(p, spool);
    if (!m)
        return -1;
    int bad = worklist_fill(list_of(p, spool), m, places, MAILDIR_PLACES);
    identity_leave();
    return bad;
}

// A spool that is not there is an empty one.
static int list_spool(struct pick *p, size_t spool, struct buf *why)
{
    const char *path = buf_str(&p->spools.place[spool].path);
    worklist_free(list_of(p, spool));
    worklist_init(list_of(p, spool));
    enum maildir_answer answer = open_spool(p, spool);
    if (answer == MAILDIR_OPEN ? fill(p, spool) == 0
                               : answer == MAILDIR_TROUBLE && errno == ENOENT)
        return 0;
    const char *reason = answer == MAILDIR_FOREIGN ? SPOOLS_FOREIGN : strerror(errno);
    if (is_own(p, spool)) {
        buf_printf(why, "%s%s: %s", why->n ? "; " : "", path, reason);
        return -1;
    }
    // What another user does with his own keeps nobody from the rest.
    diag_warn("%s: %s", path, reason);
    return 0;
}

int pick_again(struct pick *p, struct buf *why)
{
    int bad = 0;
    p->at = 0;
    for (size_t i = 0; i < p->spools.n; i++)
        if (list_spool(p, i, why))
            bad = EX_TEMPFAIL;
    return bad;
}

int pick_init(struct pick *p, const struct config *config, struct buf *why)
{
    static const struct worklist none;
    *p = (struct pick){.maildir = MAILDIR_CLOSED, .lists = BUF_INIT(LISTS_MAX)};
    spools_find(&p->spools, config);
    for (size_t i = 0; i < p->spools.n; i++)
        buf_put(&p->lists, &none, sizeof none);
    return pick_again(p, why);
}

void pick_free(struct pick *p)
{
    for (size_t i = 0; i < p->spools.n; i++)
        worklist_free(list_of(p, i));
    buf_free(&p->lists);
    maildir_close(&p->maildir);
    spools_free(&p->spools);
}

// What was gone, and is found elsewhere.
static bool follow(struct pick *p, size_t spool)
{
    struct worklist *list = list_of(p, spool);
    const struct maildir *m = list->gone.n ? pick_enter(p, spool) : NULL;
    bool more = m && worklist_follow(list, m);
    identity_leave();
    return more;
}

bool pick_next(struct pick *p, struct picked *next)
{
    for (; p->at < p->spools.n; p->at++) {
        struct worklist *list = list_of(p, p->at);
        next->spool = p->at;
        if (worklist_next(list, &next->place, &next->name) ||
            (follow(p, p->at) && worklist_next(list, &next->place, &next->name)))
            return true;
    }
    return false;
}

void pick_gone(struct pick *p)
{
    worklist_gone(list_of(p, p->at));
}

// A crash may have left one message under two names. The same id in two spools is a trick of
// one of the owners.
static bool is_same(const struct picked *a, const struct picked *b)
{
    return a->spool == b->spool &&
           span_equal(maildir_id(span_of(a->name)), maildir_id(span_of(b->name)));
}

enum pick_answer pick_find(struct pick *p, struct span id, struct picked *found)
{
    struct picked one;
    enum pick_answer answer = PICK_NONE;
    bool whole = false; // what was found has that very id
    p->at = 0;
    for (size_t i = 0; i < p->spools.n; i++)
        list_of(p, i)->at = 0;
    while (id.n && pick_next(p, &one)) {
        struct span its = maildir_id(span_of(one.name));
        if (!span_starts_nocase(its, id) || (whole && its.n > id.n))
            continue;
        bool better = !whole && its.n == id.n;
        if (answer != PICK_NONE && !better && !is_same(&one, found)) {
            answer = PICK_SEVERAL;
            continue;
        }
        *found = one;
        answer = PICK_ONE;
        whole = its.n == id.n;
    }
    return answer;
}

void pick_complain(enum pick_answer answer, const char *id)
{
    diag_warn("%s: %s", id,
              answer == PICK_SEVERAL ? "more than one message has an id that begins so"
                                     : "there is no such message in the queue");
}
