// SPDX-License-Identifier: ISC
// The drop's guests, all at once, in one poll loop: who comes in, who has had his time, who has
// to give way. Nobody waits for anybody but for the disk.
//
// Every guest has 10 s until its envelope is there. After that it may be silent for an hour: a
// caller may write that slowly. But places are few, and where they run out the slowest guest
// that is older than those 10 s gives its place up, of the same user where that user has all
// that one may have. So honest clients get in whatever others do.
#ifndef SENDOFF_DROPPLACES_H
#define SENDOFF_DROPPLACES_H

#include <stdbool.h>

#include "sendoff/drop/dropguest.h"

enum {
    DROPPLACES_MOST = 256,           // guests at once
    DROPPLACES_EACH = 32,            // of one user
    DROPPLACES_BEGIN = 10 * 1000,    // milliseconds until the envelope is there
    DROPPLACES_SILENCE = 3600 * 1000 // milliseconds without an octet after that
};

struct dropplaces {
    int listener;
    int signals;      // signals_open
    int leash;        // to end with when this comes to its end, else -1
    int64_t idle;     // milliseconds without a guest after which to end, 0 for never
    bool strangers;   // there are users without a number here: they all look like uid 65534
    const char *bell; // the FIFO to ring when something was stored, or ""
    struct dropguest_rules rules;
    struct dropguest guests[DROPPLACES_MOST];
};

// Serves until a signal came or the leash ended, and what was in flight then had SIGNALS_GRACE;
// or until nobody came for so long. Begins with no guests. 0, or -1 and errno where it can not
// go on.
int dropplaces_serve(struct dropplaces *p) __attribute__((nonnull, warn_unused_result));

#endif
