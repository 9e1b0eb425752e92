// SPDX-License-Identifier: ISC
// What the log is told about mail: an event is described once, as a struct, and rendered by
// whoever logs. Here is its text in the fields that readers of Postfix's log know, and a walk
// over the same facts as names and values, for JSON and the journal. Pure.
#ifndef BASE_EVENT_H
#define BASE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum event_kind {
    EVENT_QUEUED,    // a message is durable in a spool
    EVENT_ATTEMPTED, // what became of it for one recipient
    EVENT_REMOVED,   // it has left the queue: all of it is settled
    EVENT_REPORTED,  // its sender is told, by another message
    EVENT_LINE,      // the line or the account is in trouble, or needs somebody's eye
};

// Where the time of an attempt went, in microseconds. Their sum is the message's age.
struct event_delays {
    int64_t before;     // until this pass took it up
    int64_t waiting;    // behind others, in the pass
    int64_t connecting; // until the session stood, where it was the first one of it
    int64_t sending;    // from its MAIL to the outcome
};

// What is not known, or is no matter of this kind, is NULL, {NULL, 0} or zero, but for uid.
struct event {
    enum event_kind kind;
    int level; // of syslog(3)
    struct span id;
    int64_t uid; // whose mail it is; -1: no matter of this kind
    const char *sender;
    uint64_t size; // octets
    size_t recipients;
    const char *recipient;
    const char *account;
    const char *relay; // "": there is none
    struct event_delays delays;
    unsigned code;         // of the reply
    uint16_t detail[3];    // enhanced status code
    const char *status;    // EVENT_ATTEMPTED: "sent", "deferred" or "bounced"
    const char *text;      // of the reply, or the remark
    const char *report;    // EVENT_REPORTED: what it is, as "non-delivery notification"
    struct span report_id; // and its queue id
};

// The lines of it: appends the text of line `nth`, counted from 0, and sets *process to the
// name of Postfix's process that would have said it. False where there is no such line.
bool event_line(const struct event *e, unsigned nth, const char **process, struct buf *out)
    __attribute__((nonnull, warn_unused_result));

// The name of the kind, for machines.
const char *event_word(enum event_kind kind) __attribute__((returns_nonnull));

// Gives each known fact of it to one of these, as `with` and a name of lower-case letters and
// underscores. A text is as it came from outside.
struct event_sink {
    void (*text)(void *with, const char *name, struct span text);
    void (*number)(void *with, const char *name, int64_t number);
};
void event_walk(const struct event *e, const struct event_sink *sink, void *with)
    __attribute__((nonnull));

#endif
