// SPDX-License-Identifier: ISC
// One session of a pass: its courier, and how it stands. A pass has one, and more of them where
// that pays (widen.h) and the server allows it.
#ifndef SENDOFF_LINE_H
#define SENDOFF_LINE_H

#include "sendoff/pass/courier.h"
#include "sendoff/pass/parcel.h"

struct pass;

struct line {
    struct courier courier;
    bool up;         // the courier was started, and its end is not dealt with yet
    bool ready;      // its session stands
    bool over;       // it takes no more
    bool finished;   // its courier knows that there are no more jobs
    bool alone;      // what is under way is to stay alone
    bool credential; // it said that a fresh credential may help
    bool silent;     // its server makes no reports of success
    bool told;       // why it is in trouble
    char relay[OUTCOME_TEXT_MAX + 1]; // whom it talks to, for the log
    int64_t started;                  // when it was asked for, microseconds since 1970
    int64_t connecting;               // and how long that took; its first message waited for it
    int64_t idle;                     // since when (clock_steady); 0: it has something to do
    size_t open;                      // parcels in its hands
    uint64_t given;                   // messages, since it stands
    uint64_t judged;                  // of these, those that have their verdict
};

// Starts one that is not up. False where that can not be, and why is told.
bool line_start(struct pass *p, struct line *l) __attribute__((nonnull, warn_unused_result));
// Waits for its process to end and deals with that: what it had in its hands is put back, or in
// doubt where it broke down and the smarthost may have heard of it.
void line_end(struct pass *p, struct line *l, bool broken) __attribute__((nonnull));

// How many messages it may be given in all; how many connections there may be.
uint64_t line_limit(const struct pass *p) __attribute__((nonnull));
size_t line_most(const struct pass *p) __attribute__((nonnull));

#endif
