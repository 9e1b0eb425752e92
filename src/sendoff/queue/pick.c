// SPDX-License-Identifier: ISC
#include "sendoff/queue/pick.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>

#include "base/diag.h"

int pick_again(struct pick *p)
{
    static const enum maildir_place places[] = {MAILDIR_NEW, MAILDIR_CUR, MAILDIR_FAILED_NEW,
                                                MAILDIR_FAILED_CUR};
    int bad = 0;
    p->at = 0;
    for (size_t i = 0; i < p->spools.n && !bad; i++) {
        worklist_free(&p->list[i]);
        worklist_init(&p->list[i]);
        if (p->maildir[i].root >= 0)
            bad = worklist_fill(&p->list[i], &p->maildir[i], places, MAILDIR_PLACES);
    }
    return bad;
}

int pick_init(struct pick *p, const struct config *config, struct buf *why)
{
    *p = (struct pick){.maildir = {MAILDIR_CLOSED, MAILDIR_CLOSED}};
    spools_find(&p->spools, config);
    for (size_t i = 0; i < p->spools.n; i++) {
        const char *path = buf_str(&p->spools.path[i]);
        enum maildir_answer answer = maildir_open(&p->maildir[i], path, false);
        if (answer == MAILDIR_OPEN || (answer == MAILDIR_TROUBLE && errno == ENOENT))
            continue;
        buf_printf(why, "%s: %s", path,
                   answer == MAILDIR_FOREIGN
                       ? "not a directory of the user's own with mode 0700"
                       : strerror(errno));
        return EX_TEMPFAIL;
    }
    if (pick_again(p)) {
        buf_printf(why, "the queue can not be listed: %s", strerror(errno));
        return EX_TEMPFAIL;
    }
    return 0;
}

void pick_free(struct pick *p)
{
    for (size_t i = 0; i < SPOOLS_MAX; i++) {
        worklist_free(&p->list[i]);
        maildir_close(&p->maildir[i]);
    }
    spools_free(&p->spools);
}

bool pick_next(struct pick *p, struct picked *next)
{
    for (; p->at < p->spools.n; p->at++) {
        next->spool = p->at;
        struct worklist *list = &p->list[p->at];
        if (worklist_next(list, &next->place, &next->name) ||
            (worklist_follow(list, &p->maildir[p->at]) &&
             worklist_next(list, &next->place, &next->name)))
            return true;
    }
    return false;
}

void pick_gone(struct pick *p)
{
    worklist_gone(&p->list[p->at]);
}

enum pick_answer pick_find(struct pick *p, struct span id, struct picked *found)
{
    struct picked one;
    enum pick_answer answer = PICK_NONE;
    p->at = 0;
    for (size_t i = 0; i < p->spools.n; i++)
        p->list[i].at = 0;
    while (id.n && pick_next(p, &one)) {
        struct span its = maildir_id(span_of(one.name));
        if (!span_starts_nocase(its, id))
            continue;
        if (its.n == id.n) {
            *found = one;
            return PICK_ONE;
        }
        // A crash may have left one message under two names.
        if (answer == PICK_NONE || span_equal(its, maildir_id(span_of(found->name)))) {
            *found = one;
            answer = PICK_ONE;
        } else {
            answer = PICK_SEVERAL;
        }
    }
    return answer;
}

void pick_complain(enum pick_answer answer, const char *id)
{
    diag_warn("%s: %s", id,
              answer == PICK_SEVERAL ? "more than one message has an id that begins so"
                                     : "there is no such message in the queue");
}
