// SPDX-License-Identifier: ISC
// What a pass over one spool knows; choose.h, carry.h and serve.h are its parts.
#ifndef SENDOFF_PASS_H
#define SENDOFF_PASS_H

#include "config/config.h"
#include "sendoff/pass/alike.h"
#include "sendoff/pass/courier.h"
#include "sendoff/pass/flush.h"
#include "sendoff/pass/settle.h"
#include "sendoff/pass/worklist.h"
#include "spool/account.h"
#include "spool/maildir.h"

struct pass {
    const struct config *config;
    const struct config_account *account;
    const struct flush_options *options;
    struct flush_result *result;
    struct account *memory; // what is known of the account
    int signals;            // a descriptor that tells when to stop (base/signals.h)
    bool stopping;
    struct maildir maildir;
    struct worklist list;
    struct buf domain; // completes bare names; empty where none is known
    struct buf login;  // of the spool's owner; empty where the sender policy has no need of it
    struct courier courier;
    struct settlement settlement;
    struct parcel parcels[COURIER_OPEN_JOBS];
    struct alike alike;
    size_t open; // parcels in the courier's hands
    uint32_t last_job;
    bool ready;      // this session stands
    bool over;       // it takes no more: it gave messages back
    uint64_t judged; // messages that this session got a verdict for
};

#endif
