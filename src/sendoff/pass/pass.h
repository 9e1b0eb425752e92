// SPDX-License-Identifier: ISC
// What a pass over all spools knows; turns.h, choose.h, consign.h, line.h, hear.h,
// carry.h and serve.h are its parts.
#ifndef SENDOFF_PASS_H
#define SENDOFF_PASS_H

#include "config/config.h"
#include "sendoff/pass/alike.h"
#include "sendoff/pass/flush.h"
#include "sendoff/pass/line.h"
#include "sendoff/pass/score.h"
#include "sendoff/pass/turns.h"
#include "sendoff/pass/widen.h"
#include "sendoff/watch/progress.h"
#include "spool/account.h"

// In all couriers' hands at once, at most: each holds two descriptors.
enum { PASS_PARCELS = 2 * COURIER_OPEN_JOBS };

struct pass {
    const struct config *config;
    const struct config_account *account;
    const struct flush_options *options;
    int64_t carried;            // when the last session began (clock_steady)
    struct flush_options later; // what comes meanwhile is served as by the bell that it rang
    struct flush_result *result;
    int status; // of sysexits(3), and the complaint where it is not 0
    struct buf *why;
    struct account *memory; // what is known of the account
    struct schedule schedule;
    int64_t patient_until; // how long another flush is waited for (clock_steady)
    int signals;           // a descriptor that tells when to stop (base/signals.h)
    bool stopping;
    struct buf domain; // completes bare names; empty where none is known
    int pass_lock;     // of root's pass over all users' spools; -1: none
    struct score score;
    struct progress progress;
    bool wants_login; // the sender policy needs the names of users
    struct turns turns;
    struct line lines[COURIER_MOST];
    size_t wanted;      // lines at once, as it was found to pay
    struct widen widen; // whether one more would
    struct parcel parcels[PASS_PARCELS];
    struct alike alike;
    uint32_t last_job;
    struct turn next; // was chosen, and is tried alone when nothing else is under way
    bool has_next;
    bool more;       // there is, or may be, another one after it
    bool begun;      // a session stood
    bool closing;    // the account is in trouble: nothing more is handed over
    bool renewed;    // a session was had again, in this flush, for a fresh credential
    uint64_t judged; // messages that these sessions got a verdict for
};

// How many lines are up; how many of them stand.
size_t pass_lines(const struct pass *p) __attribute__((nonnull));
size_t pass_standing(const struct pass *p) __attribute__((nonnull));
// How many parcels are in their hands.
size_t pass_parcels(const struct pass *p) __attribute__((nonnull));

#endif
