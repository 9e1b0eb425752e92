// SPDX-License-Identifier: ISC
// What became of a recipient, a message or a session: the one verdict from the smarthost's
// reply to the spool. An outcome crosses from sendoff-submit to sendoff as a line of text; this
// file is both ends of that line.
//
//   recipient JOB INDEX VERDICT SCOPE CODE STATUS DOUBT TEXT
//   done JOB                          every recipient of the job has had its line
//   session VERDICT SCOPE CODE STATUS DOUBT TEXT   the line or the account is in trouble
//   relay TEXT                        whom the session talks to, for the log:
//   host[address]:port
//   ready                             the session stands, and takes jobs
//   begun JOB                         its first MAIL is sent now, or soon: until then nothing
//                                     of it can have reached the smarthost
//   credential                        before a session line: the login was refused, or what
//                                     was to tell the secret failed; another submit would ask
//                                     for a fresh one
//   notice TEXT                       mail goes, but somebody should look: to be logged
//   stumbles SET                      what the server was caught at (message/stumble.h)
//   silent                            the server does not offer DSN, or refuses it: no report
//                                     of success can be expected from there, of what has no
//                                     line yet
//   octets JOB NUMBER                 so much of its body has gone out, for whoever watches;
//                                     said a few times a second, and only where that is wanted
//
// TEXT is a field of xtext (message/xtext.h); all else is words without blanks.
#ifndef MESSAGE_OUTCOME_H
#define MESSAGE_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

// The first line each side writes; another one means programs of different builds.
#define OUTCOME_HELLO "sendoff-submit 1"

enum {
    OUTCOME_TEXT_MAX = 200,  // octets of the smarthost's words that are kept
    OUTCOME_LINE_MAX = 1024, // octets of a line, LF included
};

enum verdict { VERDICT_DELIVERED, VERDICT_DEFERRED, VERDICT_FAILED };

// How far a verdict reaches. A failure in the scope SESSION judges no message.
enum scope { SCOPE_RECIPIENT, SCOPE_MESSAGE, SCOPE_SESSION };

struct outcome {
    enum verdict verdict;
    enum scope scope;
    uint16_t code;      // the reply's code, 0 where there was no reply (connect, TLS, timeout)
    uint16_t status[3]; // enhanced status code (RFC 3463); made from the code where none came
    bool doubt;         // the message's end was sent, and no reply to it was seen
    char text[OUTCOME_TEXT_MAX + 1]; // cleaned (text_clean); what was being done where no reply
};

// Sets the text, cleaned and cut.
void outcome_text(struct outcome *o, struct span text) __attribute__((nonnull));

// Appends the outcome for people: "550 5.1.1 no such user", or the text alone where there was
// no reply, or where the text tells the codes itself, behind what they answered.
void outcome_describe(struct buf *out, const struct outcome *o) __attribute__((nonnull));

// Reads an enhanced status code, "5.1.1". False where the word is none.
bool outcome_take_status(struct span word, uint16_t status[3])
    __attribute__((nonnull, warn_unused_result));

// Whether it says that there was no way out of the process that tried: trouble of the place it
// ran in, a sandbox or a host without a line, and of nothing else.
bool outcome_is_barred(const struct outcome *o) __attribute__((nonnull));

// The lines, LF included.
void outcome_put_recipient(struct buf *out, uint32_t job, uint32_t index,
                           const struct outcome *o) __attribute__((nonnull));
void outcome_put_done(struct buf *out, uint32_t job) __attribute__((nonnull));
void outcome_put_session(struct buf *out, const struct outcome *o) __attribute__((nonnull));
void outcome_put_relay(struct buf *out, struct span relay) __attribute__((nonnull));
void outcome_put_ready(struct buf *out) __attribute__((nonnull));
void outcome_put_begun(struct buf *out, uint32_t job) __attribute__((nonnull));
void outcome_put_credential(struct buf *out) __attribute__((nonnull));
void outcome_put_notice(struct buf *out, struct span text) __attribute__((nonnull));
void outcome_put_stumbles(struct buf *out, unsigned set) __attribute__((nonnull));
void outcome_put_silent(struct buf *out) __attribute__((nonnull));
void outcome_put_octets(struct buf *out, uint32_t job, uint64_t octets)
    __attribute__((nonnull));

enum outcome_line {
    OUTCOME_RECIPIENT,
    OUTCOME_DONE,
    OUTCOME_SESSION,
    OUTCOME_RELAY,
    OUTCOME_READY,
    OUTCOME_BEGUN,
    OUTCOME_CREDENTIAL,
    OUTCOME_NOTICE,
    OUTCOME_STUMBLES,
    OUTCOME_SILENT,
    OUTCOME_OCTETS,
    OUTCOME_BAD, // not a line of this protocol
};

struct outcome_event {
    uint32_t job;
    uint32_t index;
    unsigned stumbles;
    uint64_t octets;
    struct outcome outcome; // of a relay or notice line, only its text is set
};

// Reads one line, without its LF. Nothing of it is believed beyond the grammar: whether job and
// index are open is the caller's to know.
enum outcome_line outcome_parse(struct span line, struct outcome_event *event)
    __attribute__((nonnull, warn_unused_result));

#endif
