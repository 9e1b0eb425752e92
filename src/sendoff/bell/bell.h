// SPDX-License-Identifier: ISC
// The bell, heard from inside: the FIFO that sendmail(8) rings once a message is queued. One
// process at a time listens to it, which a lock beside it sees to. A ring is not lost: who
// comes while another listens rings for him; and who leaves closes the FIFO first, then gives
// the lock back, then looks into the spools once more.
#ifndef SENDOFF_BELL_H
#define SENDOFF_BELL_H

#include <stdbool.h>

#include "config/config.h"

struct bell {
    int fd;   // of the FIFO, -1 where we have none
    int lock; // -1 where a service manager gave us the FIFO
};

#define BELL_CLOSED ((struct bell){-1, -1})

enum bell_answer {
    BELL_OURS,     // we listen
    BELL_ANOTHERS, // another process does, or is about to begin or to end
    BELL_NONE,     // there can be none; errno tells why
};

// Listens to the config's bell, which is made if it is missing. The caller ends it with
// bell_close, whatever the answer.
enum bell_answer bell_listen(struct bell *b, const struct config *config)
    __attribute__((nonnull, warn_unused_result));
// Listens to the descriptor of a FIFO that a service manager has opened, and keeps. False where
// it is none.
bool bell_take(struct bell *b, int fd) __attribute__((nonnull, warn_unused_result));
void bell_close(struct bell *b) __attribute__((nonnull));

// Rings the config's bell. False where nobody listens.
bool bell_ring(const struct config *config) __attribute__((nonnull));

#endif
