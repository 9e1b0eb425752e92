// SPDX-License-Identifier: ISC
// How a message is handed in at the drop: over a stream socket, one message for each
// connection. The client speaks first; all lines end with LF.
//
//   sendoff-handin 1 store TICKET    ->  ready | busy | stored ID | refused STATUS TEXT
//   data N, and N octets behind it       as often as need be, after `ready`
//   end N                            ->  stored ID | refused STATUS TEXT
//
//   sendoff-handin 1 ask TICKET      ->  stored ID | unknown
//
// TICKET is a random number that the client gives its message. After a lost answer it comes
// again with it: to hand the message in anew, where it still has all of it, or to ask. `stored`
// is said of one and the same message then, so there is never a second copy; after `unknown`
// none will be stored under this ticket any more. `busy` means: come again in a moment.
//
// The data, N octets of it in all, are the message's file as it would lie in the client's own
// spool: our block (message/block.h), then the message. What the block says of the message's
// size, of its own past and of who hands it in counts for nothing.
// After `end` there is nothing more. `refused` may be said at any time and ends it, with a
// STATUS of sysexits(3). `stored` means that the message is durable, and ID is its queue id.
#ifndef MESSAGE_HANDIN_H
#define MESSAGE_HANDIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
    HANDIN_TICKET = 32,      // hex digits, lower case
    HANDIN_LINE_MAX = 72,    // octets of a client's line
    HANDIN_PIECE = 65536,    // octets of one piece of data at most
    HANDIN_ID_MAX = 20,      // octets of a queue id
    HANDIN_TEXT_MAX = 400,   // octets of a reason
    HANDIN_ANSWER_MAX = 512, // octets of an answer's line
};

// ---- What the client says, as the drop takes it in.

struct handin {
    char ticket[HANDIN_TICKET + 1]; // set after HANDIN_STORE and HANDIN_ASK
    uint64_t octets;                // of data, so far
    uint64_t left;                  // of the piece that is being read
    unsigned state;
    size_t n; // octets of the line that is not complete yet
    char line[HANDIN_LINE_MAX];
};

enum handin_event {
    HANDIN_MORE,  // *in is used up
    HANDIN_STORE, // the client has a message
    HANDIN_ASK,   // the client wants to know what became of one; no more may follow
    HANDIN_DATA,  // *data is a piece of it, and part of what *in was
    HANDIN_END,   // that was all of it, and as long as the client counts
    HANDIN_BAD,   // not this protocol; said of all that follows, too
};

void handin_init(struct handin *h) __attribute__((nonnull));
// Takes what it understands off the front of *in.
enum handin_event handin_next(struct handin *h, struct span *in, struct span *data)
    __attribute__((nonnull, warn_unused_result));

// Whether it is a ticket.
bool handin_is_ticket(struct span text);
// Makes one of random octets, two digits of each.
void handin_make_ticket(const unsigned char random[HANDIN_TICKET / 2],
                        char ticket[HANDIN_TICKET + 1]) __attribute__((nonnull));

void handin_put_store(struct buf *out, const char *ticket) __attribute__((nonnull));
void handin_put_ask(struct buf *out, const char *ticket) __attribute__((nonnull));
// The line in front of n octets, which are at most HANDIN_PIECE.
void handin_put_data(struct buf *out, size_t n) __attribute__((nonnull));
void handin_put_end(struct buf *out, uint64_t octets) __attribute__((nonnull));

// ---- What the drop answers.

enum handin_verdict {
    HANDIN_READY,
    HANDIN_BUSY,
    HANDIN_STORED,
    HANDIN_REFUSED,
    HANDIN_UNKNOWN,
};

struct handin_answer {
    enum handin_verdict verdict;
    char id[HANDIN_ID_MAX + 1];     // STORED
    int status;                     // REFUSED; of sysexits(3)
    char text[HANDIN_TEXT_MAX + 1]; // REFUSED; why
};

// Writes it, its text cleaned.
void handin_put_answer(struct buf *out, const struct handin_answer *a) __attribute__((nonnull));
// Reads a line, without its LF. False where it is none of this protocol; what is read is clean.
bool handin_parse_answer(struct handin_answer *a, struct span line)
    __attribute__((nonnull, warn_unused_result));

#endif
