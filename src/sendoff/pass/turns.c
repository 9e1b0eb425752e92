// SPDX-License-Identifier: ISC
#define _GNU_SOURCE
#include "sendoff/pass/turns.h"

#include <time.h>

#include "base/clock.h"
#include "sendoff/pass/pass.h"

enum {
    STORE_MAX = 1 << 30,
    SLOW = 10, // milliseconds that count as one more turn
};

static struct seat *seat_at(const struct turns *t, size_t i)
{
    return (struct seat *)(void *)t->store.p + i;
}

static void push(struct buf *queue, size_t i)
{
    buf_put(queue, &i, sizeof i);
}

static size_t waiting(const struct turns *t)
{
    return t->queue.n / sizeof(size_t) - t->next;
}

// The places are found in the same order again, but for those that came or went.
static struct seat *same_seat(const struct turns *before, const struct place *place, size_t *at)
{
    for (size_t i = 0; i < before->n; i++) {
        struct seat *s = seat_at(before, (*at + i) % before->n);
        const struct place *old = s->place;
        if (old->owner.uid == place->owner.uid && (old->above < 0) == (place->above < 0) &&
            span_equal(buf_span(&old->path), buf_span(&place->path))) {
            *at = (*at + i + 1) % before->n;
            return s;
        }
    }
    return NULL;
}

void turns_init(struct turns *t, struct turns *before, const struct spools *spools)
{
    size_t at = 0;
    *t = (struct turns){.store = BUF_INIT(STORE_MAX),
                        .queue = BUF_INIT(STORE_MAX),
                        .busy = BUF_INIT(STORE_MAX)};
    for (size_t i = 0; i < spools->n; i++) {
        struct seat s;
        struct seat *old = same_seat(before, &spools->place[i], &at);
        seat_init(&s, &spools->place[i]);
        if (old) {
            s.list = old->list;
            s.listed = old->listed;
            worklist_init(&old->list);
        }
        buf_put(&t->store, &s, sizeof s);
        t->n = t->store.n / sizeof s;
        push(&t->queue, i);
    }
    turns_free(before);
}

void turns_free(struct turns *t)
{
    for (size_t i = 0; i < t->n; i++)
        seat_free(seat_at(t, i));
    buf_free(&t->store);
    buf_free(&t->queue);
    buf_free(&t->busy);
    *t = (struct turns){0};
}

static uint64_t least_used(const struct turns *t)
{
    uint64_t least = t->n_open ? UINT64_MAX : 0;
    for (size_t i = 0; i < t->n_open; i++)
        if (t->open[i]->used < least)
            least = t->open[i]->used;
    return least;
}

static void open_next(struct pass *p)
{
    struct turns *t = &p->turns;
    size_t i = ((size_t *)(void *)t->queue.p)[t->next++];
    struct seat *s = seat_at(t, i);
    uint64_t used = least_used(t); // who comes later has no claim to what was before
    int64_t began = clock_steady();
    switch (seat_open(p, s)) {
    case SEAT_OPEN:
        s->used = used + (uint64_t)(clock_steady() - began) / SLOW;
        t->open[t->n_open++] = s;
        break;
    case SEAT_BUSY: push(&t->busy, i); break;
    case SEAT_WAITING:
    case SEAT_DONE: break;
    }
}

static void take_away(struct pass *p, size_t i)
{
    struct turns *t = &p->turns;
    struct seat *s = t->open[i];
    t->open[i] = t->open[--t->n_open];
    seat_close(p, s);
    if (s->state == SEAT_WAITING)
        push(&t->queue, (size_t)(s - seat_at(t, 0)));
}

// A flush that was asked for certain messages leaves what comes to the last look, when it is
// served without regard to that.
static bool may_look(const struct pass *p)
{
    return !p->turns.no_more && !p->stopping && !p->options->select;
}

// Closes the seats that have nothing more to do, once what was theirs is settled. That a list
// is at its end is believed only after another look into new/.
static void tidy(struct pass *p)
{
    struct turns *t = &p->turns;
    for (size_t i = t->n_open; i-- > 0;) {
        struct seat *s = t->open[i];
        if (s->out || !(s->exhausted || s->leaving))
            continue;
        seat_commit(s);
        if (s->exhausted && may_look(p) && seat_more(s))
            s->exhausted = false;
        if (s->exhausted || s->leaving)
            take_away(p, i);
    }
}

static void nap(void)
{
    static const struct timespec pause = {.tv_nsec = 100 * 1000000L};
    nanosleep(&pause, NULL);
}

// The seats that were busy are tried again when all others are done: another's once, our own
// until patience ends. False where none is left.
static bool retry_busy(struct pass *p)
{
    struct turns *t = &p->turns;
    size_t n = t->busy.n / sizeof(size_t);
    bool patient = clock_steady() < p->patient_until && !p->stopping;
    if (n == 0 || t->n_open)
        return false;
    struct buf busy = t->busy;
    t->busy = (struct buf)BUF_INIT(STORE_MAX);
    if (t->again && patient)
        nap();
    for (size_t i = 0; i < n; i++) {
        size_t which = ((size_t *)(void *)busy.p)[i];
        bool ours = seat_at(t, which)->place->above < 0;
        if (!t->again || (patient && ours))
            push(&t->queue, which);
        else
            seat_complain(p, seat_at(t, which));
    }
    t->again = true;
    buf_free(&busy);
    return waiting(t) > 0;
}

static struct seat *whose_turn(const struct turns *t)
{
    struct seat *next = NULL;
    for (size_t i = 0; i < t->n_open; i++) {
        struct seat *s = t->open[i];
        if (!s->exhausted && !s->leaving && (!next || s->used < next->used))
            next = s;
    }
    return next;
}

static enum seat_choice take_turn(struct pass *p, struct seat *s, struct turn *turn)
{
    int64_t began = clock_steady();
    enum seat_choice choice = seat_choose(p, s, &turn->entry);
    turn->seat = s;
    s->used += 1 + (uint64_t)(clock_steady() - began) / SLOW;
    if (choice == SEAT_CHOSEN && ++s->turns >= TURNS_QUANTUM && waiting(&p->turns))
        s->leaving = true;
    return choice;
}

enum turns_answer turns_next(struct pass *p, struct turn *turn)
{
    struct turns *t = &p->turns;
    for (;;) {
        tidy(p);
        while (t->n_open < TURNS_SEATS && waiting(t) && !p->stopping)
            open_next(p);
        struct seat *s = whose_turn(t);
        if (s && take_turn(p, s, turn) == SEAT_CHOSEN)
            return TURNS_TAKEN;
        if (s)
            continue;
        bool out = false;
        for (size_t i = 0; i < t->n_open; i++)
            out |= t->open[i]->out > 0;
        if (out)
            return TURNS_LATER;
        if (t->n_open == 0 && !retry_busy(p))
            return TURNS_NONE;
    }
}

bool turns_last(const struct pass *p)
{
    const struct turns *t = &p->turns;
    bool more = may_look(p) || waiting(t) || t->busy.n;
    for (size_t i = 0; i < t->n_open && !more; i++)
        more = !t->open[i]->exhausted;
    return !more;
}

void turns_commit(struct turns *t)
{
    for (size_t i = 0; i < t->n_open; i++)
        seat_commit(t->open[i]);
}

void turns_end(struct pass *p)
{
    struct turns *t = &p->turns;
    struct turn turn;
    t->no_more = t->again = true;
    p->patient_until = 0;
    while (!p->stopping && turns_next(p, &turn) == TURNS_TAKEN) {
        entry_close(&turn.entry);
        p->result->left++;
    }
    while (t->n_open) {
        p->result->left += worklist_left(&t->open[0]->list);
        t->open[0]->exhausted = true;
        take_away(p, 0);
    }
}

bool turns_look(struct turns *t)
{
    bool any = false;
    buf_clear(&t->queue);
    buf_clear(&t->busy);
    t->next = 0;
    t->again = t->no_more = false;
    for (size_t i = 0; i < t->n; i++) {
        struct seat *s = seat_at(t, i);
        s->list.at = s->list.items.n / sizeof(struct work);
        if (!seat_more(s))
            continue;
        s->state = SEAT_WAITING;
        push(&t->queue, i);
        any = true;
    }
    return any;
}

size_t turns_left(const struct turns *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n_open; i++)
        n += worklist_left(&t->open[i]->list);
    return n;
}

bool turns_several(const struct turns *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        n += seat_at(t, i)->had_mail || seat_at(t, i)->place->drop;
    return n > 1;
}
