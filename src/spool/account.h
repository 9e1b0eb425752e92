// SPDX-License-Identifier: ISC
// What is known of an account beyond its config: since when and how long it is left alone after
// trouble with the line, and what its server was found to be like. One small file for each
// account, which is its lock at the same time, so that one flush serves it. Losing it costs
// time, never mail: whatever can not be read counts as nothing, and what can not be written is
// not missed.
#ifndef SPOOL_ACCOUNT_H
#define SPOOL_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "message/outcome.h"
#include "spool/schedule.h"

enum {
    ACCOUNT_AUTH_PAUSE = 15 * 60, // seconds after a refused AUTH, at least (HAZARDS 13)
    ACCOUNT_RELAY_TIME = 60 * 60  // seconds for which a host that answered comes first
};

// What its server was found to allow, or to do badly. A value of 0 is nothing.
enum account_lesson {
    ACCOUNT_CHUNKING,   // refused: 1
    ACCOUNT_PIPELINING, // broken: 1
    ACCOUNT_PARAMETERS, // refused: 1; so are the next two
    ACCOUNT_DSN,
    ACCOUNT_BODY,
    ACCOUNT_CONNECTIONS, // at once, at most
    ACCOUNT_MESSAGES,    // on one connection, at most
    ACCOUNT_LESSONS
};

struct account {
    int fd;             // of its file, which is locked; -1 where there is none to be had
    int64_t not_before; // no session on its own before this time; microseconds since 1970
    unsigned failures;  // sessions in a row that did not stand
    char reply[OUTCOME_TEXT_MAX + 1]; // why, or ""
    char relay[OUTCOME_TEXT_MAX + 1]; // where a session stood (message/outcome.h), or ""
    int64_t relay_since;              // the first of them in a row; microseconds since 1970
    struct {
        uint64_t value;
        int64_t at; // microseconds since 1970
    } learned[ACCOUNT_LESSONS];
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

// Where sessions have stood of late, "" where that is not known. After a while it is forgotten,
// so that hosts get their turn in the order of the config again.
const char *account_relay(const struct account *a, int64_t now)
    __attribute__((nonnull, returns_nonnull));
// A session stands there.
void account_note_relay(struct account *a, const char *relay, int64_t now)
    __attribute__((nonnull));

// A session stood: nothing keeps the account back any more.
void account_stood(struct account *a) __attribute__((nonnull));
// There was none, or it had to be ended; `trouble` tells why. The next one waits for a pause
// that doubles each time (schedule_next), and longer after a refused AUTH.
void account_failed(struct account *a, const struct schedule *s, int64_t now, uint32_t random,
                    const struct outcome *trouble) __attribute__((nonnull));

// Remembers it from now on, until it is forgotten: servers are mended.
void account_learn(struct account *a, enum account_lesson lesson, uint64_t value, int64_t now)
    __attribute__((nonnull));
// What is remembered of it now.
uint64_t account_learned(const struct account *a, enum account_lesson lesson, int64_t now)
    __attribute__((nonnull));

// The same for a set of stumbles (message/stumble.h).
void account_stumbled(struct account *a, unsigned stumbles, int64_t now)
    __attribute__((nonnull));
unsigned account_stumbles(const struct account *a, int64_t now) __attribute__((nonnull));

#endif
