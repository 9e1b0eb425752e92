// SPDX-License-Identifier: ISC
#include "sendoff/pass/carry.h"

#include "base/clock.h"
#include "sendoff/pass/consign.h"
#include "sendoff/pass/hear.h"

enum {
    AHEAD = 32,  // messages that a line is handed before it has shown what it can do
    LOOK = 500,  // milliseconds between two looks at how the lines get on
    IDLE = 2000, // that a line is kept for nothing while others are at work
};

// Whether there is, or may be, something to hand over.
static bool has_work(const struct pass *p)
{
    return !p->closing && !p->stopping && (p->has_next || p->more);
}

static bool is_spent(const struct pass *p, const struct line *l)
{
    uint64_t limit = line_limit(p);
    return l->over || (limit && l->given >= limit);
}

static bool line_takes(const struct pass *p, const struct line *l, size_t share)
{
    // More than it can begin soon is better kept for another line: sendoff-submit's depth grows
    // by one with each message that went well (submit/mail/pace.h).
    return l->up && l->ready && !l->finished && !(l->alone && l->open) && l->open < share &&
           l->open < AHEAD + l->judged && !is_spent(p, l);
}

// The line to hand the next message to: the one that has the fewest; NULL where none takes any.
static struct line *freest(struct pass *p)
{
    size_t share = PASS_PARCELS / (pass_lines(p) ? pass_lines(p) : 1);
    struct line *best = NULL;
    if (share > COURIER_OPEN_JOBS)
        share = COURIER_OPEN_JOBS;
    for (size_t i = 0; i < COURIER_MOST; i++) {
        struct line *l = &p->lines[i];
        if (line_takes(p, l, share) && (!best || l->open < best->open))
            best = l;
    }
    return best;
}

// Sees to it that p->next is the next message, if there is one and room for it.
static bool choose(struct pass *p)
{
    if (p->closing || p->stopping)
        return false;
    if (p->has_next)
        return true;
    if (turns_last(p)) {
        p->more = pass_parcels(p) > 0; // one may come back
        return false;
    }
    if (!pass_parcels(p) || !consign_room(p))
        turns_commit(&p->turns);
    if (!consign_room(p))
        return false;
    enum turns_answer answer = turns_next(p, &p->next);
    p->more = answer == TURNS_TAKEN || (answer == TURNS_LATER && pass_parcels(p));
    p->has_next = answer == TURNS_TAKEN;
    return p->has_next;
}

// What was in doubt before is tried alone: should it be what breaks the session, no other
// message is drawn into doubt by it.
static void feed(struct pass *p)
{
    struct line *l;
    while ((l = freest(p)) && choose(p)) {
        struct turn turn = p->next;
        if (turn.entry.block.doubts && l->open)
            return;
        p->has_next = false;
        l->idle = 0;
        if (!consign(p, l, &turn))
            l->over = true; // it is gone, which will be heard
    }
}

// Nobody needs it any more.
static bool is_idle(const struct pass *p, struct line *l)
{
    if (!has_work(p) || is_spent(p, l))
        return true;
    if (pass_standing(p) == 1)
        return false;
    if (!l->idle)
        l->idle = clock_steady();
    return clock_steady() - l->idle >= IDLE;
}

// Ends the lines that have nothing to do: before the server's patience does, and so that what
// it can take at once is there for others.
static void finish(struct pass *p)
{
    for (size_t i = 0; i < COURIER_MOST; i++) {
        struct line *l = &p->lines[i];
        if (!l->up || l->finished || l->open)
            continue;
        if (l->ready && is_idle(p, l)) {
            courier_finish(&l->courier);
            l->finished = true;
        } else if (!l->ready && p->begun && !has_work(p)) {
            l->told = true; // one more was not needed after all
            line_end(p, l, false);
        }
    }
}

// A line that is not in use, nor in what is kept of messages.
static struct line *fresh_line(struct pass *p)
{
    for (size_t i = 0; i < COURIER_MOST; i++) {
        bool used = p->lines[i].up;
        for (size_t j = 0; !used && j < PASS_PARCELS; j++)
            used = p->parcels[j].job && p->parcels[j].line == &p->lines[i];
        if (!used)
            return &p->lines[i];
    }
    return NULL;
}

// Another connection, where one went that was of use, or where one more would be.
static void add_line(struct pass *p)
{
    size_t up = pass_lines(p);
    struct line *l;
    if (!has_work(p) || pass_standing(p) != up || up >= line_most(p))
        return;
    if (up >= p->wanted && !widen_ask(&p->widen, clock_steady(), p->judged,
                                      turns_left(&p->turns) + p->has_next, up))
        return;
    p->wanted = up + 1;
    if ((l = fresh_line(p)) && !line_start(p, l))
        p->wanted = up;
}

// Takes what the lines have said. False where that was nothing.
static bool hear_lines(struct pass *p)
{
    bool any = false;
    for (size_t i = 0; i < COURIER_MOST; i++) {
        struct line *l = &p->lines[i];
        enum outcome_line kind;
        struct outcome_event event;
        enum courier_answer answer = COURIER_LATER;
        while (l->up && (answer = courier_next(&l->courier, &kind, &event)) == COURIER_EVENT) {
            hear(p, l, kind, &event);
            p->begun |= l->ready;
            any = true;
        }
        // What follows nonsense is not believed either.
        if (l->up && answer != COURIER_LATER) {
            line_end(p, l, answer == COURIER_BROKEN);
            any = true;
        }
    }
    return any;
}

static void wait_for_lines(struct pass *p)
{
    struct courier *list[COURIER_MOST];
    size_t n = 0;
    for (size_t i = 0; i < COURIER_MOST; i++)
        if (p->lines[i].up)
            list[n++] = &p->lines[i].courier;
    turns_commit(&p->turns);
    courier_wait(list, n, line_most(p) > 1 || n > 1 || p->progress.on ? LOOK : -1);
    score_show(p);
    for (size_t i = 0; i < n; i++)
        p->stopping |= courier_is_stopping(list[i]);
    for (size_t i = 0; p->stopping && i < n; i++)
        courier_interrupt(list[i]);
}

// Serves the messages over one line, or several, until there is nothing more to do for them.
// Nothing is claimed before a session stands.
static bool serve_lines(struct pass *p)
{
    p->judged = 0;
    p->wanted = 1;
    p->more = true;
    p->closing = p->begun = false;
    p->alike = (struct alike){0};
    p->widen = (struct widen){0};
    if (!line_start(p, &p->lines[0]))
        return false;
    while (pass_lines(p)) {
        feed(p);
        finish(p);
        add_line(p);
        if (pass_lines(p) && !hear_lines(p))
            wait_for_lines(p);
    }
    hear_last(p);
    return p->judged > 0;
}

static bool wants_credential(const struct pass *p)
{
    return p->lines[0].credential && !p->renewed && !p->stopping;
}

bool carry(struct pass *p, const struct turn *first)
{
    p->next = *first;
    p->has_next = true;
    bool good = serve_lines(p);
    // The refused credential came from a command: the next session asks it again, once.
    if (!good && wants_credential(p)) {
        p->renewed = true;
        good = serve_lines(p);
    }
    if (p->has_next)
        seat_put_back(p->next.seat, &p->next.entry);
    p->has_next = false;
    return good;
}
