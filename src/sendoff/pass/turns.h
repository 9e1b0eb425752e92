// SPDX-License-Identifier: ISC
// Whose turn it is: the users' messages go one by one in turn, so that one user's hundred
// thousand do not hold up another's alert (HAZARDS 11). A bounded number of spools is open at a
// time; while others wait, a spool that has had its share gives way. A turn that took long, by
// a file system that its owner keeps busy, counts as several.
#ifndef SENDOFF_TURNS_H
#define SENDOFF_TURNS_H

#include "sendoff/pass/seat.h"

enum {
    TURNS_SEATS = 16,    // spools that are open at once
    TURNS_QUANTUM = 200, // messages of one spool while others wait
};

struct turns {
    struct buf store; // of struct seat, in the order of the places
    size_t n;         // of them
    struct buf queue; // of size_t: the seats that wait, in their order
    size_t next;      // in the queue
    struct buf busy;  // of size_t: those that were found busy
    bool again;       // they have been tried twice
    bool no_more;     // nothing that came later is looked for
    struct seat *open[TURNS_SEATS];
    size_t n_open;
};

struct turn {
    struct seat *seat;
    struct entry entry; // open but not claimed
};

enum turns_answer {
    TURNS_TAKEN, // *turn is set
    TURNS_LATER, // not before messages that are under way are settled
    TURNS_NONE,
};

// Seats for all these places. What was listed in *before, which is ended by this, stays
// listed; a zeroed one is accepted.
void turns_init(struct turns *t, struct turns *before, const struct spools *spools)
    __attribute__((nonnull));
void turns_free(struct turns *t) __attribute__((nonnull));

// The next message to try, by whose turn it is.
enum turns_answer turns_next(struct pass *p, struct turn *turn)
    __attribute__((nonnull, warn_unused_result));
// Whether nothing else will have a turn, even before what is under way is settled: the line
// need not be kept while the disk is waited for.
bool turns_last(const struct pass *p) __attribute__((nonnull, warn_unused_result));
// Settles what is at hand, of all seats.
void turns_commit(struct turns *t) __attribute__((nonnull));
// Nothing more is tried: counts what is left and closes all seats.
void turns_end(struct pass *p) __attribute__((nonnull));
// Looks once more, after all locks were let go: whether anything came that nobody has seen.
// Only such messages have a turn then.
bool turns_look(struct turns *t) __attribute__((nonnull, warn_unused_result));
// How many names are left in the lists of the open spools.
size_t turns_left(const struct turns *t) __attribute__((nonnull));
// Whether two users have mail in this pass.
bool turns_several(const struct turns *t) __attribute__((nonnull));

#endif
