// SPDX-License-Identifier: ISC
// One claimed message on its way, and what was said about each of its recipients.
#ifndef SENDOFF_PARCEL_H
#define SENDOFF_PARCEL_H

#include <stdbool.h>
#include <stdint.h>

#include "message/outcome.h"
#include "spool/entry.h"

struct line;
struct seat;

struct parcel {
    uint32_t job;       // its number on the way to sendoff-submit, 0 when the parcel is free
    struct seat *seat;  // whose it is (seat.h); the parcel only keeps it
    struct line *line;  // likewise, in whose courier's hands (line.h)
    const char *relay;  // whom that talks to, for the log
    bool begun;         // the smarthost has heard of it, or is about to
    bool settled;       // in the group: what comes for this job now is not believed
    bool reported;      // of those who failed nobody is to be told any more
    bool silent;        // the smarthost makes no reports of success
    bool removed;       // it has left the queue
    uint64_t sent;      // octets of its body that have gone out, as far as that was told
    int64_t taken;      // when this pass took it up; microseconds since 1970, as the next two
    int64_t begun_at;   // when its MAIL went out; 0: it did not
    int64_t ended;      // when its last outcome was there
    int64_t connecting; // microseconds that it waited for the session to stand
    struct entry entry;
    struct buf outcomes; // of struct outcome, one for each recipient of the envelope
    struct buf told;     // a byte for each: an outcome has come
    struct buf twins;    // of struct parcel_twin
};

// A recipient who goes to the address of an earlier one, and shares the outcome: local names
// do.
struct parcel_twin {
    uint32_t recipient, of;
};

// Fills a free parcel from a claimed entry, which it takes over.
void parcel_fill(struct parcel *p, uint32_t job, const struct entry *taken)
    __attribute__((nonnull));
// Its MAIL goes out now, or soon.
void parcel_begin(struct parcel *p) __attribute__((nonnull));
// The recipient shares what will be said of another one. False where that can not be noted.
bool parcel_join(struct parcel *p, uint32_t recipient, uint32_t of)
    __attribute__((nonnull, warn_unused_result));
// Keeps what was said about one recipient; an index that is none is not believed.
void parcel_tell(struct parcel *p, uint32_t recipient, const struct outcome *o)
    __attribute__((nonnull));
// What was said about it; told[recipient] says whether anything was.
struct outcome *parcel_outcome(const struct parcel *p, size_t recipient)
    __attribute__((nonnull, returns_nonnull));
// Gives an outcome to every recipient that waits and has none.
void parcel_tell_rest(struct parcel *p, const struct outcome *o) __attribute__((nonnull));

// Whether anything was said of the message itself: not that its session ended before it was
// begun or answered.
bool parcel_is_judged(const struct parcel *p) __attribute__((nonnull));
// Whether something was said that holds whatever comes: a recipient has it, may have it, or
// never will.
bool parcel_has_final(const struct parcel *p) __attribute__((nonnull));
// Whether nothing is known against those who had no outcome: the session ended between the
// transactions that the message was sent in.
bool parcel_is_partial(const struct parcel *p) __attribute__((nonnull));
// Closes the message, giving its claim back, and frees the parcel.
void parcel_empty(struct parcel *p) __attribute__((nonnull));

#endif
