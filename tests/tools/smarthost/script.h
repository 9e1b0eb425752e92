// SPDX-License-Identifier: ISC
// The script: what the smarthost does otherwise than a good one would. A line is a setting or a
// rule; "#" begins a comment; words are parted by blanks; text in double quotes knows the
// escapes \r \n \t \0 \" \\ and \xHH.
//
//   on EVENT [CONDITION...] ACTION...
//
// Of the rules for an event the first one whose conditions hold is followed, and its actions
// are done in their order. Without a rule the smarthost does the ordinary thing.
//
// EVENT: CONNECT (before the greeting), EHLO HELO STARTTLS AUTH MAIL RCPT DATA BDAT RSET NOOP
// QUIT (such a line came), OTHER (another line), RESPONSE (an answer to a challenge of AUTH),
// BODY (octets of a message are coming in), DOT (a message is complete, by DATA or BDAT LAST).
//
// CONDITION:
//   has=TEXT     the line holds it, letters' case aside
//   conn=N       this is the connection number N
//   here=N       for the Nth time on this connection
//   n=N          for the Nth time at all, counting what meets the conditions above
//   times=K      from then on K times (1 with n=, else without end)
//   at=N         for BODY: N octets of the message have come; once for a message
//   pipelined    more input stands behind the line already
//
// ACTION:
//   reply TEXT   says TEXT, a line end added; the line has no effect
//   answer TEXT  the line has its ordinary effect, but this is what is said
//   mute         the line has its ordinary effect, and nothing is said
//   proceed      the line has its ordinary effect and answer
//   send TEXT    sends the octets as they are
//   repeat N TEXT    sends them N times; 0: until the client goes away
//   drip TIME TEXT   sends them over and over, one octet each TIME, until the client goes away
//   skip         for BDAT: reads the chunk and forgets it
//   delay TIME   waits, such as 200ms or 3s
//   silence      sends nothing more, reads what comes until the client goes away
//   stall        does not even read until the client goes away
//   close        ends the connection properly
//   cut          ends it without TLS's close_notify
//   reset        ends it with a TCP reset
//
// The settings:
//   split N          each write carries N octets
//   pause TIME       waits before each write
//   idle TIME        says 421 and ends where no input came for so long
//   greeting TEXT    the text behind "220 "
//   mechanisms TEXT  the AUTH mechanisms offered
//   binding TEXT     what SCRAM-*-PLUS has to be bound to, in place of this connection
//   offer TEXT       a line more in the answer to EHLO
//   lenient          DATA is answered 354 even where no recipient was accepted
//   tls-newest V     the newest version of TLS: 1.0, 1.1, 1.2 or 1.3; or 1.2-plain-secret,
//                    which is 1.2 without the extended master secret (RFC 7627)
#ifndef TOOLS_SCRIPT_H
#define TOOLS_SCRIPT_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"

enum { SCRIPT_RULES_MAX = 128, SCRIPT_ACTIONS_MAX = 8, SCRIPT_OFFERS_MAX = 16 };

enum event {
    EVENT_CONNECT,
    EVENT_EHLO,
    EVENT_HELO,
    EVENT_STARTTLS,
    EVENT_AUTH,
    EVENT_RESPONSE,
    EVENT_MAIL,
    EVENT_RCPT,
    EVENT_DATA,
    EVENT_BDAT,
    EVENT_BODY,
    EVENT_DOT,
    EVENT_RSET,
    EVENT_NOOP,
    EVENT_QUIT,
    EVENT_OTHER,
    EVENT_COUNT
};

enum action_kind {
    ACTION_REPLY,
    ACTION_ANSWER,
    ACTION_MUTE,
    ACTION_PROCEED,
    ACTION_SEND,
    ACTION_REPEAT,
    ACTION_DRIP,
    ACTION_SKIP,
    ACTION_DELAY,
    ACTION_SILENCE,
    ACTION_STALL,
    ACTION_CLOSE,
    ACTION_CUT,
    ACTION_RESET,
    ACTION_COUNT
};

struct action {
    enum action_kind kind;
    uint64_t number; // times or milliseconds
    struct span text;
};

struct rule {
    unsigned line; // in the script
    enum event event;
    struct span has;                   // n = 0: any
    uint64_t conn, here, n, times, at; // 0: any
    bool pipelined;
    struct action actions[SCRIPT_ACTIONS_MAX];
    size_t n_actions;
    uint64_t seen; // how often the other conditions held
};

struct script {
    struct rule rules[SCRIPT_RULES_MAX];
    size_t n_rules;
    uint64_t split, pause, idle;
    const char *greeting, *mechanisms, *binding, *tls_newest;
    const char *offers[SCRIPT_OFFERS_MAX];
    size_t n_offers;
    bool lenient;
    pthread_mutex_t lock; // of `seen`
    struct buf text;      // where spans and strings point; does not move once filled
};

// What just took place.
struct moment {
    enum event event;
    struct span line;
    uint64_t connection;
    uint64_t here;       // how often on this connection, this time included
    uint64_t before, at; // BODY: octets of the message without and with those that came now
    bool pipelined;
};

// An empty script: nothing but the ordinary.
void script_init(struct script *s) __attribute__((nonnull));
// Adds what stands in the file. False, and "FILE:LINE: what is wrong" in *why, on failure.
bool script_read(struct script *s, const char *path, struct buf *why)
    __attribute__((nonnull, warn_unused_result));
// The rule to follow, or NULL. It counts as having been followed.
const struct rule *script_find(struct script *s, const struct moment *m)
    __attribute__((nonnull));

// The event that a line from the client is, by its verb.
enum event event_of(struct span line);
const char *event_name(enum event e) __attribute__((returns_nonnull));

#endif
