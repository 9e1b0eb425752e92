// SPDX-License-Identifier: ISC
// What the drop knows of the messages that it has stored: whose each is, and under which ticket
// it came. All of it stands in the files' names, ID.UID.TICKET (sendoff-spool(5)), so a drop
// that ended between storing and answering has told the next one. What was sent meanwhile is
// remembered here only, and for as long as a client may come back.
#ifndef SENDOFF_DROPBOOK_H
#define SENDOFF_DROPBOOK_H

#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "message/handin.h"
#include "spool/maildir.h"

enum {
    DROPBOOK_MEMORY = 10 * 60 * 1000, // milliseconds; longer than any client asks
    DROPBOOK_TICKETS = 65536,         // that are remembered at most
    DROPBOOK_FRESH = 1000,            // milliseconds for which a count of the spool holds
    DROPBOOK_TAG_MAX = HANDIN_TICKET + 12,
};

struct dropbook {
    const struct maildir *maildir;
    struct buf tickets; // of those stored lately, the eldest first
    struct buf waiting; // of each message that waits, whose it is
    int64_t counted;    // when the spool was looked at; clock_steady
};

// Begins with what is in the spool; `wall` is the time in microseconds since 1970, `now` that
// of clock_steady. 0, or -1 and errno. The caller ends it with dropbook_free, whatever the
// answer.
int dropbook_init(struct dropbook *b, const struct maildir *m, int64_t wall, int64_t now)
    __attribute__((nonnull, warn_unused_result));
void dropbook_free(struct dropbook *b) __attribute__((nonnull));

// What stands behind the queue id in the name of such a message's file.
void dropbook_tag(char tag[DROPBOOK_TAG_MAX], uid_t uid, const char *ticket)
    __attribute__((nonnull));

// Notes that a message was stored.
void dropbook_note(struct dropbook *b, uid_t uid, const char *ticket, const char *id,
                   int64_t now) __attribute__((nonnull));
// The queue id of the message that came under this ticket, or NULL. Valid until the next call.
const char *dropbook_find(const struct dropbook *b, uid_t uid, const char *ticket)
    __attribute__((nonnull));
// How many messages of that user wait. The spool is counted once a second at most; what it
// gains in between is known, what it loses is not.
uint64_t dropbook_waiting(struct dropbook *b, uid_t uid, int64_t now) __attribute__((nonnull));

#endif
