// SPDX-License-Identifier: ISC
// One spool in a pass. Whatever is done to a user's files is done here, with his identity
// (identity.h): each function enters it, acts on that spool alone, and lays it down again. What
// he does with his spool delays his own mail and nobody else's: nothing here waits for him.
//
// A seat that is given up while others wait keeps its list and nothing else: no descriptor, no
// lock.
#ifndef SENDOFF_SEAT_H
#define SENDOFF_SEAT_H

#include "sendoff/pass/settle.h"
#include "sendoff/spools/spools.h"
#include "sendoff/spools/worklist.h"

struct pass;

enum seat_state {
    SEAT_WAITING, // for a turn
    SEAT_OPEN,
    SEAT_BUSY, // somebody else has its lock, or a lease on it
    SEAT_DONE, // nothing is left to try
};

struct seat {
    const struct place *place; // of the spools as they were found last
    enum seat_state state;
    bool listed;    // the list was made; what comes now has come later
    bool exhausted; // the list is at its end
    bool leaving;   // it gives way to others
    bool had_mail;  // something of it was to be tried
    unsigned turns; // that it has had since it was opened
    uint64_t used;  // what it has cost all others
    size_t out;     // its messages that are in the courier's hands, or kept
    unsigned looks; // that are left to this turn
    unsigned complaints;
    struct maildir maildir;
    int lock;
    struct worklist list;
    struct settlement settlement;
};

void seat_init(struct seat *s, const struct place *place) __attribute__((nonnull));
void seat_free(struct seat *s) __attribute__((nonnull));

// Opens, locks and lists the spool: SEAT_OPEN where there is something in the list, SEAT_BUSY,
// or SEAT_DONE. What keeps one of our own spools from being served goes to p->status and
// p->why; of another user's the log tells.
enum seat_state seat_open(struct pass *p, struct seat *s)
    __attribute__((nonnull, warn_unused_result));
// Says who holds the lock, as a complaint like those of seat_open.
void seat_complain(struct pass *p, struct seat *s) __attribute__((nonnull));
// Whether messages have come since the list was made. It may be open or not.
bool seat_more(struct seat *s) __attribute__((nonnull, warn_unused_result));
// Settles what is left to be settled, adds up, and closes all but the list.
void seat_close(struct pass *p, struct seat *s) __attribute__((nonnull));

enum seat_choice {
    SEAT_CHOSEN,  // *e is open, and to be tried
    SEAT_NOTHING, // the list is at its end
    SEAT_AGAIN,   // there is more to look at, after the others' turns
};

// The next message to try, open but not claimed; the caller closes it.
enum seat_choice seat_choose(struct pass *p, struct seat *s, struct entry *e)
    __attribute__((nonnull, warn_unused_result));
// Claims it for that account. False, and it is closed, where that can not be.
bool seat_claim(struct pass *p, struct seat *s, struct entry *e)
    __attribute__((nonnull, warn_unused_result));
// Puts one that was chosen and not claimed to the end of the list.
void seat_put_back(struct seat *s, struct entry *e) __attribute__((nonnull));

// A message that no session got to: as good as never claimed. It goes to the end of the list.
void seat_give_back(struct parcel *parcel) __attribute__((nonnull));
// settle and settle_commit.
void seat_settle(struct parcel *parcel) __attribute__((nonnull));
void seat_commit(struct seat *s) __attribute__((nonnull));

#endif
