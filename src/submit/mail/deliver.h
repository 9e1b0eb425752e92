// SPDX-License-Identifier: ISC
// Jobs into transactions, and what became of those into outcome lines. It stands between the
// jobs of sendoff and the engine and knows neither the line below nor who is logged in.
//
// A job with more recipients than one transaction may have becomes several of them, one after
// the other. A transaction joins those under way only when its message lies in our buffer as a
// whole; a larger one begins when nothing is under way, so a file that turns out bad takes no
// other message down with it (HAZARDS 10). Nor are more octets under way at once than are worth
// sending again.
//
// Where the server turns out not to know the BDAT or a parameter that it offers, the
// transactions it refused so are made again, by DATA or with less said; where it refused one
// recipient for a parameter, or for being one too many, with that one. Where it has taken some
// messages and says 452 4.5.3 to the next ones, it takes no more of them on this connection:
// they are left for another one.
#ifndef SUBMIT_DELIVER_H
#define SUBMIT_DELIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "smtp/smtp.h"
#include "submit/mail/jobs.h"
#include "submit/mail/recast.h"
#include "submit/mail/report.h"
#include "submit/mail/sender.h"
#include "submit/mail/source.h"

enum {
    DELIVER_OCTETS = 1 << 20, // under way at once, where there are several messages
    DELIVER_AHEAD = 16,       // jobs that sendoff is told the beginning of together
};

struct deliver_part {
    uint32_t tag;
    struct task *task; // NULL: not in use
    size_t first;      // its recipients in the task's envelope
    size_t count;
    uint64_t octets;
    bool returning;         // one of its recipients is to be named again
    bool again;             // its transaction is over, and another one is to take its place
    unsigned without;       // smtp_message.without of that
    struct outcome refused; // if that comes to nothing
};

struct deliver {
    struct jobs *jobs;
    struct report *report;
    struct smtp *smtp;
    struct sender *sender;
    uint64_t messages_left;   // that this connection may still take
    uint64_t recipients_most; // of one transaction
    uint64_t octets;          // of the transactions under way
    uint32_t tag;             // of the last transaction begun
    uint32_t flowing;         // the job of the body that was given last
    uint64_t given;           // octets of that
    uint64_t told;            // and how many sendoff knows of
    bool aborted;             // a message's file was bad: the connection is gone because of us
    bool taken;               // the server has accepted a message
    bool full;                // and takes no more of them here
    struct source source;
    struct recast recast;
    struct deliver_part parts[SMTP_DEPTH_MAX];
};

// `jobs`, `report`, `smtp` and `sender` are borrowed. At most `messages` transactions of at
// most `recipients` each are made. The caller ends it with deliver_free, which may have
// something to report.
void deliver_init(struct deliver *d, struct jobs *jobs, struct report *report,
                  struct smtp *smtp, struct sender *sender, uint64_t messages,
                  uint64_t recipients) __attribute__((nonnull));
void deliver_free(struct deliver *d) __attribute__((nonnull));

enum deliver_answer {
    DELIVER_BEGUN, // a transaction, or a job was settled without one
    DELIVER_LATER, // not before something else is over, or before sendoff has more
    DELIVER_OVER,  // nothing is left for this connection
};

// When the engine wants mail.
enum deliver_answer deliver_begin(struct deliver *d)
    __attribute__((nonnull, warn_unused_result));

// When the engine wants more of the message given last.
void deliver_body(struct deliver *d) __attribute__((nonnull));

// Whether the engine has taken more of the body given last than sendoff knows of; tells it.
bool deliver_has_octets(const struct deliver *d) __attribute__((nonnull));
void deliver_tell_octets(struct deliver *d) __attribute__((nonnull));

// SMTP_ON_RECIPIENT and SMTP_ON_MESSAGE.
void deliver_event(struct deliver *d, const struct smtp_event *event) __attribute__((nonnull));

#endif
