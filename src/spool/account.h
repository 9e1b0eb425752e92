// SPDX-License-Identifier: ISC
// What is known of an account beyond its config: since when and how long it is left alone after
// trouble with the line. One small file for each account, which is its lock at the same time,
// so that it has one submitter. Losing it costs time, never mail: whatever can not be read
// counts as nothing, and what can not be written is not missed.
#ifndef SPOOL_ACCOUNT_H
#define SPOOL_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "message/outcome.h"
#include "spool/schedule.h"

enum { ACCOUNT_AUTH_PAUSE = 15 * 60 }; // seconds after a refused AUTH, at least (HAZARDS 13)

struct account {
    int fd;             // of its file, which is locked; -1 where there is none to be had
    int64_t not_before; // no session on its own before this time; microseconds since 1970
    unsigned failures;  // sessions in a row that did not stand
    char reply[OUTCOME_TEXT_MAX + 1]; // why, or ""
};

enum account_answer {
    ACCOUNT_OPEN,
    ACCOUNT_BUSY, // another flush serves it now
    ACCOUNT_LOST, // its file can not be had: go on without memory
};

// Locks the account `name` below the directory `dir`, which is made if need be, and reads what
// is known. The caller ends it with account_close, whatever the answer.
enum account_answer account_open(struct account *a, const char *dir, const char *name)
    __attribute__((nonnull, warn_unused_result));
void account_close(struct account *a) __attribute__((nonnull));

// The same for a look at it, without the lock. False where nothing is known.
bool account_peek(struct account *a, const char *dir, const char *name)
    __attribute__((nonnull, warn_unused_result));

// Whether the account may be tried on its own now. A time that no pause allows (the clock
// jumped) does not keep it back.
bool account_is_due(const struct account *a, const struct schedule *s, int64_t now)
    __attribute__((nonnull));

// A session stood: nothing keeps the account back any more.
void account_stood(struct account *a) __attribute__((nonnull));
// There was none, or it had to be ended; `trouble` tells why. The next one waits for a pause
// that doubles each time (schedule_next), and longer after a refused AUTH.
void account_failed(struct account *a, const struct schedule *s, int64_t now, uint32_t random,
                    const struct outcome *trouble) __attribute__((nonnull));

#endif
