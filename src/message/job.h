// SPDX-License-Identifier: ISC
// A job: one message to submit, as sendoff describes it to sendoff-submit. The message itself
// is an open descriptor that travels beside the `job` line; no name of a file ever does.
//
//   job NUMBER OFFSET OCTETS LINES FLAGS LOGIN SENDER OPTIONS   the message begins at OFFSET
//   to NUMBER INDEX ADDRESS OPTIONS   one line for each waiting recipient
//   go NUMBER                         the job is complete
//   end                               there are no more; finish, then quit
//
// FLAGS says what the message holds: "8" octets above 127, "0" NUL, "l" lines over 998 octets;
// in this order, "-" for none of them. It spares a look at most messages, no more. LOGIN is
// whose mail it is. LOGIN, SENDER, ADDRESS and OPTIONS are fields of xtext (message/xtext.h).
// Addresses are as they were stored; of the recipients the bare ones are completed, the sender
// is not: that is for the sender policy (message/policy.h).
#ifndef MESSAGE_JOB_H
#define MESSAGE_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "message/envelope.h"

// What the first line that sendoff writes begins with; OUTCOME_HELLO answers it. Words may
// follow: what the server is known to do badly (message/stumble.h), and where the last session
// stood, as the relay line had it (message/outcome.h), a field of xtext.
#define JOB_HELLO "sendoff 1"

enum {
    JOB_LINE_MAX = 8192,
    JOB_LOGIN_MAX = 256, // octets
    JOB_RELAY_MAX = 400  // likewise
};

struct job {
    uint32_t number;  // from 1; 0 before the `job` line
    uint64_t offset;  // of the message in its file, behind our own block
    uint64_t octets;  // of the message, line ends being LF
    uint64_t lines;   // of the message; octets + lines is its size with CRLF
    bool eightbit;    // it holds octets above 127
    bool nul;         // it holds NUL
    bool lengthy;     // it holds lines over 998 octets
    struct buf login; // without control characters; may be empty
    // Those recipients alone that wait; recipient.at of each is its INDEX in the message.
    struct envelope envelope;
};

void job_init(struct job *j) __attribute__((nonnull));
void job_free(struct job *j) __attribute__((nonnull));

// Sets the login name: at most JOB_LOGIN_MAX octets of it, cleaned (text_clean).
void job_set_login(struct job *j, struct span login) __attribute__((nonnull));

// Writes the first line, and reads it, without its LF. False where it is not that of our
// protocol.
void job_put_hello(struct buf *out, unsigned stumbles, struct span relay)
    __attribute__((nonnull));
bool job_take_hello(struct span line, unsigned *stumbles, char relay[JOB_RELAY_MAX + 1])
    __attribute__((nonnull, warn_unused_result));

// Writes the lines of one job: a `to` line for every recipient of its envelope, INDEX being its
// `at`.
void job_encode(struct buf *out, const struct job *j) __attribute__((nonnull));

enum job_line {
    JOB_BEGUN, // a `job` line: its descriptor is the next in turn
    JOB_MORE,  // a `to` line was taken in
    JOB_READY, // `go`: *j is complete
    JOB_END,   // `end`
    JOB_BAD,   // not a line of this protocol, or not in its place
};

// Takes in one line, without its LF. *j starts out from job_init, and is to be freed and
// initialised again after JOB_READY.
enum job_line job_parse(struct job *j, struct span line)
    __attribute__((nonnull, warn_unused_result));

#endif
