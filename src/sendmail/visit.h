// SPDX-License-Identifier: ISC
// One message on its way through the drop (message/handin.h): where the user can not put it
// into a spool of his own, the drop stores it in its own, and says when it is durable.
//
// It comes piece by piece. As long as that is little, all of it is held here and nobody is
// called, so a caller who writes for hours keeps no place of the drop's taken, and a message
// whose answer was lost is handed in anew, under the same ticket. Of a longer one only the
// drop knows what became of it: it is asked. What nobody can tell counts as not queued.
#ifndef SENDMAIL_VISIT_H
#define SENDMAIL_VISIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "message/handin.h"

enum {
    VISIT_HELD = 65536,        // octets that are held at most
    VISIT_PATIENCE = 30000,    // milliseconds that the drop may take to have time for us
    VISIT_PROGRESS = 60000,    // or to take the next octets
    VISIT_CONCLUSION = 120000, // or to store the message
};

struct visit {
    struct buf path;
    char ticket[HANDIN_TICKET + 1];
    char id[HANDIN_ID_MAX + 1]; // the message's queue id, once it is stored
    int fd;                     // -1 while we have not called
    struct buf held;            // data that were not handed over
    uint64_t octets;            // of data, so far
    bool partial;               // some of the data is not held any more
    struct buf in;              // of an answer
};

// Each int is 0, or a status of sysexits(3) with the complaint appended to *why; nothing but
// visit_end may follow then.

// Looks whether there is a drop at `path`; does not call it yet. The caller ends the visit with
// visit_end, whatever the answer.
int visit_begin(struct visit *v, const char *path, struct buf *why)
    __attribute__((nonnull, warn_unused_result));
// The next octets of the message's file.
int visit_write(struct visit *v, struct span text, struct buf *why)
    __attribute__((nonnull, warn_unused_result));
// That was all of it: after 0 it is durable, and v->id is set.
int visit_finish(struct visit *v, struct buf *why) __attribute__((nonnull, warn_unused_result));
void visit_end(struct visit *v) __attribute__((nonnull));

#endif
