// SPDX-License-Identifier: ISC
// An SMTP submission client that knows neither sockets nor clocks (RFC 5321, 2920, 3030, 3207,
// 4954): octets of the server go in, octets for the server and verdicts come out, and the
// caller asks after each step what is wanted next.
//
// A session is a straight prelude (greeting, EHLO, STARTTLS, EHLO, AUTH) and then any number of
// transactions. Every command that went out leaves an entry in a ring of awaited replies, and
// replies are matched with the ring's head; so with PIPELINING nothing is special about sending
// the next transaction while the last one still awaits its replies. A reply that nobody awaits,
// or that comes before its command was sent as a whole, ends the session and is never a
// success.
//
// The loop around it, with `s` at hand:
//   while (!((wants = smtp_wants(s)) & SMTP_CLOSED))
//       SMTP_EVENT: smtp_next until it says false
//       SMTP_TLS: make the handshake, then smtp_tls_up, or smtp_fail
//       SMTP_AUTH: smtp_auth, smtp_auth_response, smtp_auth_cancel, or smtp_quit
//       SMTP_BODY: smtp_body, smtp_body_end, or smtp_body_abort
//       SMTP_MAIL: smtp_mail, or smtp_quit when there is no more
//       SMTP_OUTPUT: write what smtp_output shows, then smtp_sent
//       SMTP_INPUT: read, then smtp_feed; at the end of input smtp_eof
//       wait for the socket, smtp_deadline seconds since smtp_progress last changed at most;
//       then smtp_expired
//   and smtp_next once more until it says false; close; smtp_free
//
// Its rooms stand above each other: engine keeps the ring, the output and the end of the
// session; refusal, prelude, exchange and transaction know what is said when, answers what the
// replies to it mean; client takes the octets in.
#ifndef SMTP_SMTP_H
#define SMTP_SMTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "message/envelope.h"
#include "message/outcome.h"
#include "message/stumble.h"
#include "smtp/body.h"
#include "smtp/ehlo.h"
#include "smtp/reply.h"

// What can be waited for, what it is called, and for how many seconds by default (RFC 5321,
// 4.5.3.2). BODY is for progress: within its time that many KiB must be sent. STRAY is a reply
// that came unasked and is not complete yet.
#define SMTP_STEPS(X)                     \
    X(IDLE, "nothing", 0)                 \
    X(GREETING, "greeting", 300)          \
    X(EHLO, "EHLO", 300)                  \
    X(HELO, "HELO", 300)                  \
    X(STARTTLS, "STARTTLS", 120)          \
    X(TLS, "TLS handshake", 60)           \
    X(AUTH, "AUTH", 120)                  \
    X(RSET, "RSET", 300)                  \
    X(MAIL, "MAIL", 300)                  \
    X(RCPT, "RCPT", 300)                  \
    X(DATA, "DATA", 120)                  \
    X(BODY, "message", 180)               \
    X(BDAT, "BDAT", 180)                  \
    X(END, "end of message", 600)         \
    X(STRAY, "rest of a stray reply", 10) \
    X(QUIT, "QUIT", 10)

#define SMTP_STEP_ENUM(name, text, seconds) SMTP_STEP_##name,
enum smtp_step { SMTP_STEPS(SMTP_STEP_ENUM) SMTP_STEPS_COUNT };
#undef SMTP_STEP_ENUM

enum {
    SMTP_DEPTH_MAX = 64,      // transactions without a verdict yet
    SMTP_AWAITED_MAX = 256,   // commands without a reply yet
    SMTP_OUTPUT_MARK = 65536, // above this much waiting output nothing new is asked for
    SMTP_BODY_MAX = 32768,    // octets of one smtp_body
    SMTP_CHUNK = 65536,       // octets in one BDAT, about
    SMTP_COMMAND_MAX = 512,   // octets of a command line, CRLF included (RFC 5321, 4.5.3.1.4)
    // Octets of a line of AUTH, CRLF included: what servers have to take (RFC 4954, 4), and
    // what is sent all the same, since a token can not be made shorter.
    SMTP_AUTH_LINE_SAFE = 12288,
    SMTP_AUTH_LINE_MAX = 131072,
};

enum smtp_tls {
    SMTP_TLS_STARTTLS, // required: without it no MAIL
    SMTP_TLS_IMPLICIT, // the handshake comes before the greeting
    SMTP_TLS_NONE,     // never, even where offered
};

struct smtp_options {
    enum smtp_tls tls;
    bool auth;           // AUTH is configured: it is never skipped, and HELO will not do
    bool plaintext_auth; // AUTH may go over a line without TLS (to loopback)
    bool chunking;       // BDAT rather than DATA where the server offers it
    unsigned avoid;      // a set of STUMBLE_...: known from sessions before
    unsigned depth;      // transactions begun before the oldest has its verdict; 0 counts as 1
    const char *helo;    // our name; must stay valid
    unsigned seconds[SMTP_STEPS_COUNT]; // deadlines; 0 is none
    // Where not NULL, called with each line of the dialogue as it is formed or read, without
    // its line end: '>' ours, '<' the server's. Cleaned; AUTH data and messages are counts of
    // octets.
    void (*trace)(void *context, char direction, const char *line);
    void *context;
    // Where not NULL, called with the text of each reply to AUTH that is no challenge, before
    // anybody sees it: takes out of it what must not be seen. There are servers that say what
    // they were sent.
    void (*conceal)(void *concealer, struct buf *text);
    void *concealer;
};

// The options by default: STARTTLS, no AUTH, DATA, depth 2, the deadlines of the table.
void smtp_options_init(struct smtp_options *o) __attribute__((nonnull));
const char *smtp_step_name(enum smtp_step step) __attribute__((returns_nonnull));

// One transaction to make.
struct smtp_message {
    uint32_t tag; // the caller's name for it
    // Borrowed, unchanged, until the SMTP_ON_MESSAGE of this tag.
    const struct envelope *envelope;
    // Of its recipients, those that wait among `count` from `first` on. SIZE_MAX counts all.
    size_t first;
    size_t count;
    uint64_t size; // octets with line ends as CRLF
    bool eightbit; // it holds octets above 127
    bool binary;   // it holds NUL and may: CHUNKING and BINARYMIME are offered and not avoided
    bool utf8;     // its header needs SMTPUTF8
    // A set of STUMBLE_...: the parameters that are left out beyond those that the session
    // leaves out by itself. 0, but for a message that is given again.
    unsigned without;
    bool rehearsal; // taken back by RSET once its recipients are named: nothing is sent, and
                    // DELIVERED says that the sender and a recipient were taken
};

enum smtp_event_kind {
    // AUTH was answered: DELIVERED is 235, else it was refused and SMTP_AUTH is wanted again
    // (another mechanism, or smtp_quit). The caller calls smtp_fail where 235 comes before his
    // mechanism is content.
    SMTP_ON_AUTH,
    // A recipient is refused. `recipient` is its index in the envelope. With `again` set it is
    // refused for how it was named, or for the others that were: once its SMTP_ON_MESSAGE has
    // come it can be given again,
    // whatever that says; the outcome counts where it is not.
    SMTP_ON_RECIPIENT,
    // The transaction is over. The outcome is that of all its recipients which had no event of
    // their own; there may be none of them left. Comes exactly once for each smtp_mail, also
    // when the session ends (scope SESSION, `doubt` set where that is so).
    SMTP_ON_MESSAGE,
    // The session is over by trouble: DEFERRED, scope SESSION. The last event; there is none
    // after an orderly QUIT.
    SMTP_ON_SESSION,
};

struct smtp_event {
    enum smtp_event_kind kind;
    uint32_t tag;
    size_t recipient;
    // Of SMTP_ON_MESSAGE: the server does not know the BDAT, or a parameter of MAIL, that it
    // offered. The message can be given again at once, to those recipients that had no event,
    // and with that `without`: it goes by DATA then, or with less said about it.
    bool again;
    unsigned without;
    struct outcome outcome;
};

// An awaited reply.
struct smtp_awaited {
    enum smtp_step step;
    unsigned slot;    // of the transaction; for those of the prelude 0
    size_t recipient; // of RCPT
    bool behind;      // it went out before an earlier one was answered
    unsigned spare;   // STUMBLE_... of whose parameters it has some that could be left out
    uint64_t at;      // all output sent up to here is the whole command
};

// How an initial response goes out.
enum smtp_form {
    SMTP_FORM_FITTING, // along with AUTH where the line then fits SMTP_COMMAND_MAX, else apart
    SMTP_FORM_ALONG,   // along, where it fits SMTP_AUTH_LINE_SAFE, else apart
    SMTP_FORM_APART,   // behind the 334 that AUTH alone is answered with
};

// How far AUTH is.
enum smtp_login {
    SMTP_LOGIN_NONE,
    SMTP_LOGIN_CHOOSE,     // a mechanism is wanted
    SMTP_LOGIN_HELD,       // AUTH went out, the initial response waits for its 334
    SMTP_LOGIN_SENT,       // all that there is to say went out
    SMTP_LOGIN_CHALLENGED, // a response is wanted
    SMTP_LOGIN_CANCELLED,  // "*" went out
};

// What of a transaction is to be sent next.
enum smtp_stage {
    SMTP_STAGE_MAIL,
    SMTP_STAGE_RCPT,
    SMTP_STAGE_DATA, // or, with BDAT, leave to send the message
    SMTP_STAGE_WAIT, // nothing before the reply to DATA
    SMTP_STAGE_BODY, // the message
    SMTP_STAGE_LAST, // the last BDAT
    SMTP_STAGE_SENT, // nothing; only replies are missing
};

// A transaction without a verdict yet.
struct smtp_transaction {
    struct smtp_message message;
    enum smtp_stage stage; // what is to be sent next
    size_t next;           // the recipient to be sent next
    size_t end;            // behind the last recipient
    size_t sent;           // RCPT commands sent
    size_t accepted;       // by the server, so far
    size_t refused;        // likewise
    size_t awaiting;       // replies
    bool utf8;             // a recipient is beyond ASCII
    bool chunked;          // by BDAT
    bool judged;           // outcome is the verdict
    bool again;            // BDAT was refused as unknown, or MAIL for its parameters
    unsigned without;      // for the next time
    struct outcome outcome;
};

// The session. Its fields belong to the engine.
struct smtp {
    struct smtp_options options;
    struct ehlo ehlo;
    struct reply reply;
    struct body body;

    struct buf out; // from out_at on it waits to be sent
    size_t out_at;
    uint64_t sent;   // octets sent so far
    uint64_t marked; // `sent` when the message's progress was last counted
    uint64_t progress;

    struct smtp_awaited awaited[SMTP_AWAITED_MAX]; // a ring
    size_t awaited_first;
    size_t awaited_n;
    struct smtp_transaction transactions[SMTP_DEPTH_MAX]; // a ring
    size_t transactions_first;
    size_t transactions_n;
    unsigned depth;
    unsigned stumbles; // seen in this session
    unsigned smooth;   // STUMBLE_... whose parameters were taken in this session
    size_t most_taken; // recipients of one transaction, in this session
    bool chunks_known; // a BDAT was taken
    bool groups_known; // a command sent behind others was answered

    struct buf chunk;     // what the next BDAT will hold
    struct buf held;      // base64: the response that waits for its 334
    struct buf challenge; // decoded
    uint64_t body_octets; // of the message so far, for the trace

    bool tls_up;
    bool tls_wanted;
    enum smtp_login login;
    enum smtp_form form; // of the initial response, until a challenge came; FITTING: none
    bool garbled;        // the exchange was given up for a challenge that is no base64
    bool secret;         // output holds AUTH data: it is wiped once sent
    bool ready;          // the prelude is over
    bool reset;          // RSET must come before the next MAIL
    bool alone;          // and nothing behind that before its reply shows where the server is
    bool stray;          // octets came that nobody awaited
    bool quitting;
    bool quit_sent;
    bool closed;
    bool has_event;
    bool has_end; // SMTP_ON_SESSION is to be told
    struct smtp_event event;
    struct outcome end; // what ended the session
};

// Begins a session on a connection just made. The caller ends it with smtp_free.
void smtp_init(struct smtp *s, const struct smtp_options *o) __attribute__((nonnull));
void smtp_free(struct smtp *s) __attribute__((nonnull));

// What can be done now, a set of bits.
enum {
    SMTP_INPUT = 1,    // octets of the server are welcome; never while TLS is wanted
    SMTP_OUTPUT = 2,   // smtp_output has some
    SMTP_TLS = 4,      // a handshake; nothing may be read from the line before it
    SMTP_AUTH = 8,     // smtp_auth, or smtp_auth_response where smtp_challenge has one
    SMTP_MAIL = 16,    // the next transaction
    SMTP_BODY = 32,    // more of the message given last
    SMTP_EVENT = 64,   // smtp_next has some; until then no input is taken and no mail wanted
    SMTP_CLOSED = 128, // the connection is to be closed at once; waiting output is not sent
};
unsigned smtp_wants(const struct smtp *s) __attribute__((nonnull));

// Takes in octets of the server and returns how many: all of them, or as far as an event; the
// rest is given again once that is told. Octets behind the reply to STARTTLS end the session.
size_t smtp_feed(struct smtp *s, const char *p, size_t n)
    __attribute__((nonnull(1), warn_unused_result));
// Octets to send, valid until the next call on s; then how many of them were handed over.
struct span smtp_output(const struct smtp *s) __attribute__((nonnull));
void smtp_sent(struct smtp *s, size_t n) __attribute__((nonnull));
// The server closed the connection, or it broke; `why` is put into words after "connection
// closed", or "".
void smtp_eof(struct smtp *s, const char *why) __attribute__((nonnull));
// smtp_deadline has passed.
void smtp_expired(struct smtp *s) __attribute__((nonnull));
// Ends the session from our side, telling why; waiting output is not sent.
void smtp_fail(struct smtp *s, const char *why) __attribute__((nonnull));
// No more mail: QUIT, behind what is under way. Before the prelude got to AUTH the connection
// is just closed.
void smtp_quit(struct smtp *s) __attribute__((nonnull));

// What is waited for, and for how many seconds at most; 0 is for ever. They count from when
// smtp_progress last changed.
enum smtp_step smtp_step(const struct smtp *s) __attribute__((nonnull));
unsigned smtp_deadline(const struct smtp *s) __attribute__((nonnull));
uint64_t smtp_progress(const struct smtp *s) __attribute__((nonnull));

// The next event; false when there is none now.
bool smtp_next(struct smtp *s, struct smtp_event *event)
    __attribute__((nonnull, warn_unused_result));

// The handshake is done and the peer verified.
void smtp_tls_up(struct smtp *s) __attribute__((nonnull));

// What the server can do, as told by its last EHLO; the mechanisms are there.
const struct ehlo *smtp_ehlo(const struct smtp *s) __attribute__((nonnull, returns_nonnull));

// Begins AUTH. `initial` is the initial response, its p NULL where the mechanism has none; it
// goes out in that form. False, and nothing sent, where AUTH is not wanted, the line bears no
// TLS and plaintext is not allowed, the name is no mechanism's, or the response is too long.
bool smtp_auth(struct smtp *s, const char *mechanism, struct span initial, enum smtp_form form)
    __attribute__((nonnull, warn_unused_result));
// Of an AUTH that was refused: how its initial response had gone, ALONG or APART, where the
// refusal came before any challenge, so that it may be the form that was refused; else FITTING.
enum smtp_form smtp_auth_form(const struct smtp *s) __attribute__((nonnull));
// Whether it was given up by the engine itself, for a challenge that is no base64.
bool smtp_auth_garbled(const struct smtp *s) __attribute__((nonnull));
// The server's challenge, decoded, valid until the next call; p is NULL where none is waiting.
struct span smtp_challenge(const struct smtp *s) __attribute__((nonnull));
// Answers it. False, and nothing sent, where none is waiting or the response is too long.
bool smtp_auth_response(struct smtp *s, struct span response)
    __attribute__((nonnull, warn_unused_result));
// Gives the exchange up with "*"; the server's answer to that comes as an SMTP_ON_AUTH.
void smtp_auth_cancel(struct smtp *s) __attribute__((nonnull));

// Begins a transaction; SMTP_MAIL must be wanted.
void smtp_mail(struct smtp *s, const struct smtp_message *m) __attribute__((nonnull));
// How many transactions have no SMTP_ON_MESSAGE yet.
size_t smtp_unfinished(const struct smtp *s) __attribute__((nonnull));
// Whether what is under way may yet come back to be given again: then QUIT is to wait.
bool smtp_may_return(const struct smtp *s) __attribute__((nonnull));
// The set of STUMBLE_... seen in this session; to be asked before smtp_free.
unsigned smtp_stumbles(const struct smtp *s) __attribute__((nonnull));
// Whether BDAT is going to be used.
bool smtp_chunks(const struct smtp *s) __attribute__((nonnull));
// Whether the server offers it and is not known to refuse it when it is used; for a message
// that is to go out `without`.
bool smtp_offers(const struct smtp *s, enum ehlo_capability c, unsigned without)
    __attribute__((nonnull));
// How many may be begun at once from now on (options.depth to begin with).
void smtp_set_depth(struct smtp *s, unsigned depth) __attribute__((nonnull));

// The message of the last smtp_mail: octets with LF line ends, at most SMTP_BODY_MAX at a time,
// while SMTP_BODY is wanted; then its end. smtp_body_abort is for a file that ends early, grows
// or can not be read: the message will never be whole on the wire, so the connection is closed;
// the message is DEFERRED in the scope MESSAGE with `why`.
void smtp_body(struct smtp *s, const char *p, size_t n) __attribute__((nonnull(1)));
void smtp_body_end(struct smtp *s) __attribute__((nonnull));
void smtp_body_abort(struct smtp *s, const char *why) __attribute__((nonnull));
// Octets that wait to be sent.
size_t smtp_queued(const struct smtp *s) __attribute__((nonnull));

#endif
